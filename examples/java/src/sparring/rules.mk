# How a server is built. MAIN: the class that is started; PROTOS: where Sparring's protos lie; BUILD: where everything that is
# made goes; JARS: where libraries lie.
BUILD ?= build
JARS ?= /usr/share/java

API := sparring/api
PROTO_FILES := $(patsubst $(PROTOS)/%.proto,%,$(wildcard $(PROTOS)/$(API)/space/v1/*.proto)) $(API)/environment/v1/environment_service
SOURCES := $(shell find src -name '*.java')
LIBRARIES := grpc-api grpc-context grpc-core grpc-netty grpc-protobuf grpc-protobuf-lite grpc-stub protobuf protobuf-util \
	guava gson netty-buffer netty-codec netty-codec-http netty-codec-http2 netty-common netty-handler netty-resolver netty-transport \
	perfmark-api geronimo-annotation-1.3-spec
empty :=
CLASSPATH := $(subst $(empty) ,:,$(LIBRARIES:%=$(JARS)/%.jar))

$(BUILD)/run: $(BUILD)/classes/.ready Makefile
	@printf '#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "%s/classes:%s" %s "$$@"\n' \
		'$(abspath $(BUILD))' '$(CLASSPATH)' '$(MAIN)' > $@
	@chmod +x $@

$(BUILD)/classes/.ready: $(SOURCES) $(BUILD)/generated/.ready
	@rm -rf $(BUILD)/classes && mkdir -p $(BUILD)/classes
	javac --release 17 -Xlint:all,-processing,-serial -proc:none -nowarn -d $(BUILD)/classes -cp '$(CLASSPATH)' \
		$(SOURCES) $$(find $(BUILD)/generated -name '*.java')
	@touch $@

$(BUILD)/generated/.ready: $(PROTO_FILES:%=$(PROTOS)/%.proto)
	@rm -rf $(BUILD)/generated && mkdir -p $(BUILD)/generated
	protoc -I $(PROTOS) --java_out=$(BUILD)/generated --grpc-java_out=$(BUILD)/generated \
		--plugin=protoc-gen-grpc-java=$$(command -v grpc_java_plugin) $(PROTO_FILES:%=%.proto)
	@touch $@

.PHONY: clean
clean:
	rm -rf $(BUILD)
