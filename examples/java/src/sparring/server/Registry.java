package sparring.server;

import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;

/** Which sessions there are: admission up to the capacity, one stream per session, lingering after a broken stream. */
final class Registry {
  /** A session with the stream that serves it. */
  static final class Seat {
    final String token;
    Session session;
    Conversation conversation; // null while the session lingers
    private long untilNs;

    private Seat(String token, Conversation conversation) {
      this.token = token;
      this.conversation = conversation;
    }
  }

  private final int capacity;
  private final long lingerNs;
  private final Map<String, Seat> seats = new HashMap<>();

  Registry(int capacity, double lingerS) {
    this.capacity = capacity;
    this.lingerNs = (long) (lingerS * 1e9);
  }

  int capacity() {
    return capacity;
  }

  /** Take a slot. */
  synchronized Seat admit(String token, Conversation conversation) {
    sweep();
    if (seats.size() >= capacity || seats.containsKey(token)) {
      String message = "All %d sessions of this server are taken, or the token is in use.".formatted(capacity);
      throw new Fatal(Status.Code.RESOURCE_EXHAUSTED, "SLOT_TAKEN", message, Map.of("capacity", String.valueOf(capacity)));
    }
    Seat seat = new Seat(token, conversation);
    seats.put(token, seat);
    return seat;
  }

  /** Go on with a session on another stream; waits until the one before has let go. */
  Seat attach(String token, Conversation conversation) {
    Seat seat;
    Conversation before;
    synchronized (this) {
      sweep();
      seat = seats.get(token);
      if (seat == null || seat.session == null) {
        throw new Fatal(Status.Code.NOT_FOUND, "SESSION_UNKNOWN", "There is no such session here: it has ended, or its linger time is over.");
      }
      before = seat.conversation;
      seat.conversation = conversation;
    }
    if (before != null) {
      before.replaced();
    }
    return seat;
  }

  /** The stream broke: keep the session for its client. */
  synchronized void suspend(Seat seat, Conversation conversation) {
    if (seat.conversation == conversation) {
      seat.conversation = null;
      seat.untilNs = System.nanoTime() + lingerNs;
    }
  }

  /** The session is over: its slot is free. */
  synchronized void release(Seat seat, Conversation conversation) {
    if (seat.conversation == conversation) {
      seats.remove(seat.token);
    }
  }

  private void sweep() {
    seats.values().removeIf(seat -> seat.conversation == null && seat.untilNs - System.nanoTime() <= 0);
  }
}
