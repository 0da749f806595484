// Sessions whose linger time is over are swept out whenever somebody comes in.
#include "sparring/registry.hpp"

namespace sparring {
namespace {

using Steady = std::chrono::steady_clock;
constexpr auto kTakeOver = std::chrono::seconds(5);

Fatal Unknown() {
  return Fatal(Code::kNotFound, "SESSION_UNKNOWN",
               "There is no such session here: it has ended, or its linger time is over.");
}

}  // namespace

void Registry::Sweep() {
  const auto now = Steady::now();
  for (auto it = seats_.begin(); it != seats_.end();) {
    it = !it->second->cut && it->second->until <= now ? seats_.erase(it) : std::next(it);
  }
}

std::shared_ptr<Seat> Registry::Admit(const std::string& token, std::function<void()> cut) {
  std::lock_guard<std::mutex> lock(mutex_);
  Sweep();
  if (seats_.size() >= capacity_ || seats_.count(token) != 0) {
    throw Fatal(Code::kResourceExhausted, "SLOT_TAKEN",
                "All " + std::to_string(capacity_) + " sessions of this server are taken, or the token is in use.",
                {{"capacity", std::to_string(capacity_)}});
  }
  auto seat = std::make_shared<Seat>();
  seat->token = token;
  seat->cut = std::move(cut);
  seats_[token] = seat;
  return seat;
}

std::shared_ptr<Seat> Registry::Attach(const std::string& token, std::function<void()> cut) {
  std::unique_lock<std::mutex> lock(mutex_);
  Sweep();
  const auto found = seats_.find(token);
  if (found == seats_.end()) throw Unknown();
  const auto seat = found->second;
  if (seat->cut) seat->cut();
  const bool free = changed_.wait_for(lock, kTakeOver, [&] { return !seat->cut; });
  if (!free || seats_.count(token) == 0) throw Unknown();
  seat->cut = std::move(cut);
  return seat;
}

void Registry::Suspend(const std::shared_ptr<Seat>& seat) {
  std::lock_guard<std::mutex> lock(mutex_);
  seat->cut = nullptr;
  seat->until = Steady::now() + linger_;
  changed_.notify_all();
}

void Registry::Release(const std::shared_ptr<Seat>& seat) {
  std::lock_guard<std::mutex> lock(mutex_);
  seat->cut = nullptr;
  seats_.erase(seat->token);
  changed_.notify_all();
}

}  // namespace sparring
