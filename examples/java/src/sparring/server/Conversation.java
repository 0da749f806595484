package sparring.server;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import sparring.api.environment.v1.SessionRequest;
import sparring.api.environment.v1.SessionResponse;
import sparring.api.environment.v1.Start;
import sparring.api.space.v1.Attached;
import sparring.api.space.v1.FreeValue;

/** One stream: its frames go to a session that it starts or attaches. Its lock is held while author code runs. */
final class Conversation implements StreamObserver<SessionRequest> {
  private final Offer offer;
  private final Registry registry;
  private final ServerCallStreamObserver<SessionResponse> client;
  private ByteString chunks = ByteString.EMPTY;
  private Registry.Seat seat;
  private boolean closed;

  Conversation(Offer offer, Registry registry, ServerCallStreamObserver<SessionResponse> client) {
    this.offer = offer;
    this.registry = registry;
    this.client = client;
    client.setOnCancelHandler(this::broken);
  }

  @Override
  public synchronized void onNext(SessionRequest request) {
    if (closed) {
      return;
    }
    try {
      if (request.hasChunk()) {
        chunks = chunks.concat(request.getChunk().getData());
      } else if (seat == null) {
        client.onNext(open(joined(request)));
      } else {
        answer(request);
      }
    } catch (RuntimeException error) {
      fail(Fatal.of(error));
    }
  }

  @Override
  public synchronized void onCompleted() {
    leave();
    close();
  }

  @Override
  public void onError(Throwable error) {
    broken();
  }

  /** Another stream has taken the session over. */
  synchronized void replaced() {
    if (!closed) {
      closed = true;
      client.onError(new Fatal(Status.Code.ABORTED, "STREAM_REPLACED", "The client of the session has opened another stream.").status());
    }
  }

  private SessionResponse open(SessionRequest request) {
    if (request.hasAttach()) {
      Session.check(request.getAttach().getVersion());
      seat = registry.attach(request.getAttach().getToken(), this);
      Attached attached = Attached.newBuilder().setLastSequence(seat.session.last().getSequence()).build();
      return SessionResponse.newBuilder().setSequence(request.getSequence()).setAttached(attached).build();
    }
    if (request.getKindCase() == SessionRequest.KindCase.KIND_NOT_SET) {
      throw new Fatal(Status.Code.INVALID_ARGUMENT, "FRAME_MALFORMED", "The bytes are no SessionRequest, or it has no kind that this server knows.");
    }
    if (!request.hasStart() || request.getSequence() != 1) {
      throw new Fatal(Status.Code.FAILED_PRECONDITION, "GRAMMAR_VIOLATED", "A session begins with Start, numbered 1, or with Attach.");
    }
    Start start = request.getStart();
    Session.check(start.getVersion());
    Service.checkName(offer, start.getEnvironment().getName());
    seat = registry.admit(start.getToken(), this);
    seat.session = new Session(offer, start);
    return seat.session.last();
  }

  private void answer(SessionRequest request) {
    SessionResponse response = seat.session.take(request);
    boolean over = response.hasShutDown();
    if (over) {
      leave(); // the slot is free before its client can know that the session is over
    }
    client.onNext(response);
    if (over) {
      close();
    }
  }

  /** Put parameters that came in chunks before their frame into the frame. */
  private SessionRequest joined(SessionRequest request) {
    FreeValue parameters = request.getStart().getEnvironment().getParameters();
    if (!parameters.hasChunkedSizeBytes()) {
      return request;
    }
    if (parameters.getChunkedSizeBytes() != chunks.size()) {
      throw new Fatal(Status.Code.INVALID_ARGUMENT, "FRAME_MALFORMED", "Other chunks came than the parameters announce.");
    }
    SessionRequest.Builder whole = request.toBuilder();
    whole.getStartBuilder().getEnvironmentBuilder().getParametersBuilder().setData(chunks);
    return whole.build();
  }

  private void fail(Fatal failure) {
    leave();
    closed = true;
    client.onError(failure.status());
  }

  private void close() {
    if (!closed) {
      closed = true;
      client.onCompleted();
    }
  }

  private synchronized void broken() {
    closed = true;
    if (seat != null && seat.session != null) {
      registry.suspend(seat, this);
    }
  }

  private void leave() {
    if (seat != null) {
      registry.release(seat, this);
      seat = null;
    }
  }
}
