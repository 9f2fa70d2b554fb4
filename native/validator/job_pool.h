// A few threads that run what may take long or block. What still waits at the end is dropped, so a
// job is nothing that has to happen.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ashlar::validator {

class JobPool {
  public:
    explicit JobPool(std::size_t thread_count);
    // Waits for the jobs that run.
    ~JobPool();
    JobPool(const JobPool&) = delete;
    JobPool& operator=(const JobPool&) = delete;

    // From any thread. The job must not throw. Whoever submits bounds how many wait.
    void submit(std::function<void()> job);
    // No job begins after this, and none runs when it returns. Not from a job.
    void stop();

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace ashlar::validator
