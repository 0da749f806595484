"""A plugin whose import never ends."""

import sys
import time

sys.stderr.write("never_imported is being imported\n")
time.sleep(1000)
