#include "native/validator/job_pool.h"

#include <utility>

namespace ashlar::validator {

JobPool::JobPool(std::size_t thread_count) {
    threads_.reserve(thread_count);
    for (std::size_t i = 0; i < thread_count; ++i) threads_.emplace_back([this] { run(); });
}

JobPool::~JobPool() {
    stop();
}

void JobPool::submit(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void JobPool::stop() {
    std::deque<std::function<void()>> dropped;  // let go without the lock
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(jobs_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void JobPool::run() {
    while (true) {
        std::function<void()> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (stopping_) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        job();
    }
}

}  // namespace ashlar::validator
