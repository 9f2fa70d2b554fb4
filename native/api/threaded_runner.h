// Runs the tasks of shared/ (delta resolving) on threads of its own.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/task_runner.h"

namespace ashlar::native {

class ThreadedRunner final : public TaskRunner {
  public:
    // The caller of run() works, too: with one thread there are none besides.
    explicit ThreadedRunner(std::size_t thread_count);
    ~ThreadedRunner() override;
    ThreadedRunner(const ThreadedRunner&) = delete;
    ThreadedRunner& operator=(const ThreadedRunner&) = delete;

    std::size_t width() const override { return threads_.size() + 1; }
    // Several callers share the threads, in the order in which they came.
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override;

  private:
    struct Job {
        std::size_t count = 0;
        std::size_t next = 0;     // the next task that nobody has taken
        std::size_t running = 0;  // threads inside
        const std::function<void(std::size_t)>* task = nullptr;
        std::condition_variable ended;
    };

    // Takes tasks of the job until none is left. The lock is held on entry and on return.
    void work_on(Job& job, std::unique_lock<std::mutex>& lock);
    void run_thread();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Job*> jobs_;  // with tasks that nobody has taken
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace ashlar::native
