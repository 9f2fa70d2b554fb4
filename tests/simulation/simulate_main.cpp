// ashlar_simulate: consensus under faults in virtual time, as long as one likes.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <set>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "simulation/scenarios.h"

namespace {

using namespace ashlar::simulation;

char current_run[512];  // what a failed assertion prints before the process ends

void on_abort(int) {
    // Nothing can be done about a failed write here.
    [[maybe_unused]] auto written = write(STDERR_FILENO, current_run, std::strlen(current_run));
}

struct Totals {
    std::uint64_t runs = 0, events = 0, views = 0, blocks = 0, acknowledged = 0, checks = 0;
    std::uint64_t evidence = 0, refused = 0, repeated = 0;
    TimeUs simulated_us = 0;
    std::set<std::string> scenarios;
    std::map<std::string, std::uint64_t> faults;

    void add(const Report& report) {
        ++runs;
        events += report.events;
        views += report.views;
        blocks += report.height;
        acknowledged += report.acknowledged;
        checks += report.checks;
        evidence += report.evidence;
        refused += report.refused;
        simulated_us += report.simulated_us;
        scenarios.insert(report.scenario);
        for (const auto& fault : report.faults) faults[fault.first] += fault.second;
    }
};

void print(const Report& report) {
    std::printf(
        "%-36s seed %-8llu events %8llu  views %6llu  height %6llu  epochs %3llu  "
        "recovered in %7.3f s  hash %016llx\n",
        report.scenario.c_str(), static_cast<unsigned long long>(report.seed),
        static_cast<unsigned long long>(report.events),
        static_cast<unsigned long long>(report.views),
        static_cast<unsigned long long>(report.height),
        static_cast<unsigned long long>(report.epochs),
        static_cast<double>(report.recovery_us) / 1e6,
        static_cast<unsigned long long>(report.hash));
    if (report.finality_us.empty()) return;
    std::vector<TimeUs> sorted = report.finality_us;
    std::sort(sorted.begin(), sorted.end());
    std::printf("    from building a block to its finality: median %.2f ms, p99 %.2f ms\n",
                static_cast<double>(sorted[sorted.size() / 2]) / 1e3,
                static_cast<double>(sorted[sorted.size() * 99 / 100]) / 1e3);
}

void print(const Totals& totals, std::uint64_t first_seed) {
    auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
    std::printf("\nfirst seed            %llu\n", number(first_seed));
    std::printf("runs                  %llu of %zu scenarios, %llu repeated with equal hashes\n",
                number(totals.runs), totals.scenarios.size(), number(totals.repeated));
    std::printf("events                %llu\n", number(totals.events));
    std::printf("simulated time        %.0f s\n", static_cast<double>(totals.simulated_us) / 1e6);
    std::printf("views                 %llu\n", number(totals.views));
    std::printf("final blocks          %llu\n", number(totals.blocks));
    std::printf("acknowledged          %llu transactions, none lost\n",
                number(totals.acknowledged));
    std::printf("invariants checked    %llu, none broken\n", number(totals.checks));
    std::printf("evidence              %llu reports, none against the honest\n",
                number(totals.evidence));
    std::printf("peers refused         %llu, none honest\n", number(totals.refused));
    std::printf("faults injected      ");
    for (const auto& fault : totals.faults) {
        std::printf(" %s %llu;", fault.first.c_str(), number(fault.second));
    }
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    double seconds = 10;
    std::uint64_t seed = 1;
    std::uint64_t runs = 0;
    std::uint64_t views = 0;
    std::string only;
    bool list = false;
    bool quiet = false;
    CLI::App app(
        "Runs consensus in virtual time under every kind of fault, and checks after each "
        "run that nothing that was agreed on was lost or changed.");
    app.add_option("--seconds", seconds, "how long to go on, by the wall clock");
    app.add_option("--seed", seed, "the first seed; each run takes the next one");
    app.add_option("--views", views,
                   "go on until so many views have passed, however long it takes");
    app.add_option("--runs", runs, "stop after this many runs of each scenario");
    app.add_option("--scenario", only, "run this scenario only");
    app.add_flag("--list", list, "list the scenarios");
    app.add_flag("--quiet", quiet, "print the totals only");
    CLI11_PARSE(app, argc, argv);

    if (list) {
        for (const Plan& plan : scenarios()) {
            std::printf("%-36s %s\n", plan.name.c_str(), plan.what.c_str());
        }
        return 0;
    }
    std::vector<const Plan*> plans;
    for (const Plan& plan : scenarios()) {
        if (only.empty() || plan.name == only) plans.push_back(&plan);
    }
    if (plans.empty()) {
        std::fprintf(stderr, "no scenario is called %s; see --list\n", only.c_str());
        return 2;
    }
    std::signal(SIGABRT, on_abort);
    const std::time_t begin = std::time(nullptr);
    Totals totals;
    for (std::uint64_t round = 0; runs == 0 || round < runs; ++round) {
        for (const Plan* plan : plans) {
            const bool enough = views != 0 ? totals.views >= views
                                           : std::difftime(std::time(nullptr), begin) >= seconds;
            if (runs == 0 && enough) {
                print(totals, seed);
                return 0;
            }
            std::snprintf(current_run, sizeof(current_run),
                          "in scenario %s, seed %llu; replay with: build/bin/ashlar_simulate "
                          "--scenario %s --seed %llu --runs 1\n",
                          plan->name.c_str(), static_cast<unsigned long long>(seed + round),
                          plan->name.c_str(), static_cast<unsigned long long>(seed + round));
            Report report = simulate(*plan, seed + round);
            if (!quiet) print(report);
            if (!report.violation.empty()) {
                std::fprintf(stderr, "%s\n", replay_advice(report).c_str());
                return 1;
            }
            totals.add(report);
            // A share of the runs is made twice: the same seed gives the same events.
            constexpr std::uint64_t kRepeatOneIn = 16;
            if (mix(seed + round + totals.runs) % kRepeatOneIn != 0) continue;
            ++totals.repeated;
            if (simulate(*plan, seed + round).hash != report.hash) {
                std::fprintf(stderr, "%s, seed %llu: two runs gave different events\n",
                             plan->name.c_str(), static_cast<unsigned long long>(seed + round));
                return 1;
            }
        }
    }
    print(totals, seed);
    return 0;
}
