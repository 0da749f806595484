// Which sessions there are: admission up to the capacity, one stream per session, and lingering after a broken stream.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "sparring/session.hpp"

namespace sparring {

// A session with the stream that serves it.
struct Seat {
  std::string token;
  std::unique_ptr<Session> session;  // used only by the thread of the stream that holds the seat
  std::function<void()> cut;         // ends that stream; empty while the session lingers
  std::chrono::steady_clock::time_point until;  // when a lingering session ends
};

// Safe to use from many threads.
class Registry {
 public:
  Registry(size_t capacity, std::chrono::milliseconds linger) : capacity_(capacity), linger_(linger) {}

  // Take a slot. Throws Fatal SLOT_TAKEN.
  std::shared_ptr<Seat> Admit(const std::string& token, std::function<void()> cut);

  // Take a session over from its last stream, which is cut if it still lives. Throws Fatal SESSION_UNKNOWN.
  std::shared_ptr<Seat> Attach(const std::string& token, std::function<void()> cut);

  // The stream broke: keep the session for its client.
  void Suspend(const std::shared_ptr<Seat>& seat);

  // The session is over: its slot is free.
  void Release(const std::shared_ptr<Seat>& seat);

 private:
  void Sweep();

  const size_t capacity_;
  const std::chrono::milliseconds linger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Seat>> seats_;
};

}  // namespace sparring
