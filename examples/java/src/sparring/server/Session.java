package sparring.server;

import io.grpc.Status;
import java.util.List;
import java.util.Map;
import sparring.api.environment.v1.Reset;
import sparring.api.environment.v1.ResetDone;
import sparring.api.environment.v1.SessionRequest;
import sparring.api.environment.v1.SessionResponse;
import sparring.api.environment.v1.Start;
import sparring.api.environment.v1.Started;
import sparring.api.environment.v1.Update;
import sparring.api.environment.v1.Updated;
import sparring.api.space.v1.Error;
import sparring.api.space.v1.LaneTimes;
import sparring.api.space.v1.ProtocolVersion;
import sparring.api.space.v1.ShutDown;

/** One session: numbered requests to one environment, each carried out once, and the last answer kept. */
final class Session {
  static final ProtocolVersion VERSION = ProtocolVersion.newBuilder().setMajor(1).build();
  static final List<String> CAPABILITIES = List.of("resume");

  private final Offer offer;
  private final Environment environment;
  private SessionResponse answer;
  private LaneTimes time;
  private boolean over;

  Session(Offer offer, Start start) {
    if (start.getLanes() > 1 || start.getEpisodeSeedsCount() != 1) {
      String message = "A session has one lane and one episode seed here; found %d and %d.";
      throw new Fatal(Status.Code.INVALID_ARGUMENT, "LANES_MISMATCH", message.formatted(start.getLanes(), start.getEpisodeSeedsCount()));
    }
    this.offer = offer;
    environment = offer.make(start.getEnvironment());
    Started.Builder started = Started.newBuilder().setVersion(VERSION).addAllCapabilities(CAPABILITIES).setTickNs(offer.tickNs());
    started.addAllSensors(offer.sensors().declarations()).addAllActuators(offer.actuators().declarations());
    started.addAllRewards(offer.rewards().declarations()).setFirst(begin(start.getEpisodeSeeds(0)));
    answer = SessionResponse.newBuilder().setSequence(1).setStarted(started).build();
  }

  /** Refuse a client of another major version. */
  static void check(ProtocolVersion version) {
    if (version.getMajor() == VERSION.getMajor()) {
      return;
    }
    String theirs = version.getMajor() + "." + version.getMinor();
    String ours = VERSION.getMajor() + "." + VERSION.getMinor();
    String message = "The client speaks protocol %s, this server %s; the number before the dot must be the same.";
    throw new Fatal(
        Status.Code.FAILED_PRECONDITION, "VERSION_MISMATCH", message.formatted(theirs, ours), Map.of("theirs", theirs, "ours", ours));
  }

  SessionResponse last() {
    return answer;
  }

  /** Carry out a request, unless that was done before; returns its answer. Throws Fatal: the session is over. */
  SessionResponse take(SessionRequest request) {
    long last = answer.getSequence();
    if (request.getSequence() == last) {
      return answer;
    }
    if (request.getSequence() != last + 1) {
      String message = "Request %d came after request %d.".formatted(request.getSequence(), last);
      throw new Fatal(Status.Code.FAILED_PRECONDITION, "SEQUENCE_UNEXPECTED", message);
    }
    SessionResponse.Builder response = SessionResponse.newBuilder().setSequence(last + 1);
    try {
      carry(request, response);
    } catch (Refused refused) {
      Error.Builder error = Error.newBuilder().setReason(refused.reason).setMessage(refused.getMessage());
      response.setError(error.putAllMetadata(refused.metadata));
    } catch (RuntimeException error) {
      throw Fatal.of(error);
    }
    answer = response.build();
    return answer;
  }

  private void carry(SessionRequest request, SessionResponse.Builder response) {
    switch (request.getKindCase()) {
      case UPDATE -> response.setUpdated(update(request.getUpdate()));
      case RESET -> response.setResetDone(reset(request.getReset()));
      case SHUTDOWN -> response.setShutDown(ShutDown.getDefaultInstance());
      case KIND_NOT_SET -> throw new Fatal(Status.Code.INVALID_ARGUMENT, "FRAME_MALFORMED", "The bytes are no SessionRequest, or it has no kind that this server knows.");
      default -> throw new Fatal(Status.Code.FAILED_PRECONDITION, "GRAMMAR_VIOLATED", "This frame is not allowed here; a session starts once.");
    }
  }

  private Updated update(Update update) {
    boolean idle = idle(update.getLanesList());
    if (over) {
      throw new Refused("EPISODE_OVER", "The episode has ended; the next request must be Reset.");
    }
    double[][] setpoints = offer.actuators().unpack(update.getSetpoints());
    if (idle) {
      return Updated.newBuilder().setReadings(offer.sensors().absent()).setRewards(offer.rewards().absent()).setTime(time).build();
    }
    Moment moment = environment.update(setpoints);
    Updated.Builder updated = Updated.newBuilder().setReadings(offer.sensors().pack(moment.readings()));
    updated.setRewards(offer.rewards().pack(moment.rewards())).setTime(timeOf(moment));
    if (moment.terminated()) {
      updated.addTerminated(true);
    } else if (moment.truncated()) {
      updated.addTruncated(true);
    }
    over = moment.terminated() || moment.truncated();
    return updated.build();
  }

  private ResetDone reset(Reset reset) {
    boolean idle = idle(reset.getLanesList());
    if (reset.getEpisodeSeedsCount() != 1) {
      throw new Refused("LANES_MISMATCH", "A Reset of a session of 1 lane has one episode seed.");
    }
    if (idle) {
      return ResetDone.newBuilder().setReadings(offer.sensors().absent()).setTime(time).build();
    }
    return begin(reset.getEpisodeSeeds(0));
  }

  private ResetDone begin(long seed) {
    Moment moment = environment.reset(seed);
    over = false;
    return ResetDone.newBuilder().setReadings(offer.sensors().pack(moment.readings())).setTime(timeOf(moment)).build();
  }

  private LaneTimes timeOf(Moment moment) {
    time = LaneTimes.newBuilder().addTicks(moment.ticks()).build();
    return time;
  }

  /** Whether the only lane is to keep its state. */
  private static boolean idle(List<Boolean> mask) {
    if (mask.size() > 1) {
      throw new Refused("LANES_MISMATCH", "A session of 1 lane was given a mask of %d.".formatted(mask.size()));
    }
    return mask.size() == 1 && !mask.get(0);
  }
}
