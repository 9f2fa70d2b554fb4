#include "native/api/threaded_runner.h"

#include <gtest/gtest.h>

#include <atomic>

namespace ashlar::native {
namespace {

TEST(ThreadedRunner, runs_each_task_once_for_several_callers) {
    constexpr std::size_t kCallers = 4;
    constexpr std::size_t kTasks = 500;
    ThreadedRunner runner(3);
    EXPECT_EQ(runner.width(), 3u);
    std::vector<std::vector<std::atomic<int>>> counts(kCallers);
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < kCallers; ++i) {
        counts[i] = std::vector<std::atomic<int>>(kTasks);
        callers.emplace_back([&, i] {
            runner.run(kTasks, [&, i](std::size_t task) { ++counts[i][task]; });
            // All have ended when run() returns.
            for (const std::atomic<int>& count : counts[i]) EXPECT_EQ(count, 1);
        });
    }
    for (std::thread& caller : callers) caller.join();
}

TEST(ThreadedRunner, one_thread_is_the_callers_own) {
    ThreadedRunner runner(1);
    std::thread::id where;
    runner.run(1, [&](std::size_t) { where = std::this_thread::get_id(); });
    EXPECT_EQ(where, std::this_thread::get_id());
    runner.run(0, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace ashlar::native
