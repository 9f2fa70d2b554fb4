// How shared/, which has no threads, lets its host use several: work is cut into tasks that take
// values and give values, and whoever calls may run them at once.
#pragma once

#include <cstddef>
#include <functional>

namespace ashlar {

class TaskRunner {
  public:
    virtual ~TaskRunner() = default;
    // How many tasks may run at once, at least 1: memory budgets are divided by it.
    virtual std::size_t width() const = 0;
    // Calls task(0) ... task(count - 1), each once, in any order and from any threads; returns
    // when all have ended. Tasks do not throw.
    virtual void run(std::size_t count, const std::function<void(std::size_t)>& task) = 0;
};

// One after the other, where it is called.
class SequentialRunner final : public TaskRunner {
  public:
    std::size_t width() const override { return 1; }
    void run(std::size_t count, const std::function<void(std::size_t)>& task) override {
        for (std::size_t i = 0; i < count; ++i) task(i);
    }
};

}  // namespace ashlar
