#include "native/api/threaded_runner.h"

#include <algorithm>

namespace ashlar::native {

ThreadedRunner::ThreadedRunner(std::size_t thread_count) {
    for (std::size_t i = 1; i < thread_count; ++i) threads_.emplace_back([this] { run_thread(); });
}

ThreadedRunner::~ThreadedRunner() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void ThreadedRunner::work_on(Job& job, std::unique_lock<std::mutex>& lock) {
    ++job.running;
    while (job.next < job.count) {
        std::size_t index = job.next++;
        if (job.next == job.count) jobs_.erase(std::find(jobs_.begin(), jobs_.end(), &job));
        lock.unlock();
        (*job.task)(index);
        lock.lock();
    }
    --job.running;
}

void ThreadedRunner::run(std::size_t count, const std::function<void(std::size_t)>& task) {
    if (count == 0) return;
    Job job;
    job.count = count;
    job.task = &task;
    std::unique_lock lock(mutex_);
    jobs_.push_back(&job);
    wake_.notify_all();
    work_on(job, lock);
    job.ended.wait(lock, [&job] { return job.running == 0; });
}

void ThreadedRunner::run_thread() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        Job& job = *jobs_.front();
        work_on(job, lock);
        if (job.running == 0) job.ended.notify_one();
    }
}

}  // namespace ashlar::native
