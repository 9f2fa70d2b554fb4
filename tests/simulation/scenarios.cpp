#include "simulation/scenarios.h"

#include <algorithm>

namespace ashlar::simulation {

namespace {

// Repeats until the faults stop, first after one period.
void repeat(World& world, TimeUs period_us, std::function<void()> what) {
    auto again = std::make_shared<std::function<void()>>();
    std::weak_ptr<std::function<void()>> weak = again;
    *again = [&world, period_us, what = std::move(what), again = weak] {
        if (!world.faults_on()) return;
        what();
        if (auto self = again.lock()) {
            world.at(world.now() + period_us, [self] { (*self)(); });
        }
    };
    world.at(period_us, [again] { (*again)(); });
}

void crash_all(World& world, const char* why) {
    for (std::size_t i = 0; i < world.size(); ++i) world.crash(i, why);
}

void restart_all(World& world) {
    for (std::size_t i = 0; i < world.size(); ++i) world.restart(i);
}

// Cuts between two groups drawn at random.
void cut_in_two(World& world) {
    std::vector<bool> left(world.size());
    for (std::size_t i = 0; i < world.size(); ++i) left[i] = world.random().below(2) == 0;
    world.join_all();
    for (std::size_t i = 0; i < world.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (left[i] != left[j]) world.cut(i, j);
        }
    }
}

Plan base(std::string name, std::string what) {
    Plan plan;
    plan.name = std::move(name);
    plan.what = std::move(what);
    return plan;
}

Plan with_liar(std::string name, std::string what, Behaviour behaviour) {
    Plan plan = base(std::move(name), std::move(what));
    plan.liars = {{1, behaviour}};
    plan.blocks_min = 300;
    return plan;
}

std::vector<Plan> calm_scenarios() {
    std::vector<Plan> plans;
    plans.push_back(base("all-well", "nothing fails"));
    plans.back().blocks_min = 900;
    plans.push_back(base("one-alone", "a network of one validator"));
    plans.back().validators = 1;
    plans.back().duration_us = 1 * kSecond;
    plans.push_back(base("seven-well", "seven validators, nothing fails"));
    plans.back().blocks_min = 900;
    plans.back().validators = 7;
    plans.push_back(base("real-signatures", "signed with Ed25519 and encoded, with crashes"));
    plans.back().crash_per_action_ppm = 500;
    plans.back().real_signatures = true;
    plans.back().duration_us = 3 * kSecond;
    plans.push_back(base("idle", "no views without work but a heartbeat; links lose messages"));
    plans.back().idle_us = 2 * kSecond;
    plans.back().blocks_max = 130;  // for 86 transactions, and what is lost
    plans.back().transaction_interval_us = 700 * kMillisecond;
    plans.back().links.loss_ppm = 20'000;
    plans.back().duration_us = 60 * kSecond;
    plans.push_back(base("one-slow", "one validator answers late"));
    plans.back().blocks_min = 600;
    plans.back().script = [](World& world) {
        world.slow_down(world.random().below(4), 40 * kMillisecond);
    };
    plans.push_back(base("slow-and-lossy", "links lose, double, delay and reorder"));
    plans.back().links = {10 * kMillisecond, 60 * kMillisecond, 100'000, 50'000};
    plans.push_back(base("fifty-far-apart", "fifty validators, 100 ms between any two"));
    plans.back().validators = 50;
    plans.back().links = {100 * kMillisecond, 0, 0, 0};
    plans.back().expected_delay_us = 250 * kMillisecond;
    plans.back().sync_us = 1 * kMillisecond;
    plans.back().duration_us = 5 * kSecond;
    plans.back().blocks_min = 15;
    return plans;
}

std::vector<Plan> crash_scenarios() {
    std::vector<Plan> plans;
    plans.push_back(base("one-down", "one validator of four is away all the time"));
    plans.back().blocks_min = 600;
    plans.back().script = [](World& world) {
        world.hold_down(static_cast<std::size_t>(world.random().below(4)));
    };
    plans.push_back(base("f-down", "two validators of seven are away all the time"));
    plans.back().blocks_min = 500;
    plans.back().validators = 7;
    plans.back().script = [](World& world) {
        world.hold_down(1);
        world.hold_down(2);
    };
    plans.push_back(base("f+1-down-and-back", "two of four go and come back, again and again"));
    plans.back().script = [](World& world) {
        repeat(world, 4 * kSecond, [&world] {
            world.crash_for(0, 2 * kSecond, "crash");
            world.crash_for(2, 2 * kSecond, "crash");
        });
    };
    plans.push_back(base("everybody-restarts", "all are killed at once, at any moment"));
    plans.back().script = [](World& world) {
        repeat(world, 700 * kMillisecond, [&world] {
            world.at(world.now() + world.random().below(100 * kMillisecond), [&world] {
                crash_all(world, "crash of all");
                restart_all(world);
            });
        });
    };
    plans.push_back(base("restart-after-nullify", "all are killed just after they gave up a view"));
    plans.back().script = [](World& world) {
        repeat(world, 2 * kSecond, [&world] {
            // Nothing gets through until the timers fire; then all go down.
            for (std::size_t i = 0; i < world.size(); ++i) world.isolate(i);
            TimeUs timers = world.plan().expected_delay_us * 2;
            TimeUs extra = world.random().below(world.plan().expected_delay_us * 2);
            world.at(world.now() + timers + extra, [&world] {
                crash_all(world, "crash of all");
                world.join_all();
                restart_all(world);
            });
        });
    };
    plans.push_back(plans.back());
    plans.back().name = "restart-after-nullify-one-down";
    plans.back().what = "the same while one is away, so that each one's own nullify has to count";
    plans.back().script = [inner = plans.back().script](World& world) {
        world.hold_down(static_cast<std::size_t>(world.random().below(4)));
        inner(world);
    };
    plans.back().blocks_min = 400;
    plans.push_back(base("crash-without-end", "any action may be the last one before a crash"));
    plans.back().crash_per_action_ppm = 3'000;
    plans.back().down_us_max = 300 * kMillisecond;
    plans.push_back(base("failing-disks", "syncs fail and disks fill, and the process ends"));
    plans.back().sync_failure_ppm = 3'000;
    plans.back().disk_full_ppm = 1'000;
    plans.back().down_us_max = 500 * kMillisecond;
    plans.push_back(base("late-joiner", "one validator starts long after the others"));
    plans.back().blocks_min = 600;
    plans.back().script = [](World& world) { world.hold_down(3); };
    plans.push_back(base("lost-disk", "one validator's folder is deleted, and it comes back"));
    plans.back().script = [](World& world) {
        repeat(world, 5 * kSecond, [&world] {
            world.crash(3, "disk deleted");
            world.node(3).erase_disk();
            world.at(world.now() + world.random().below(500 * kMillisecond),
                     [&world] { world.restart(3); });
        });
    };
    return plans;
}

// One falls behind while it is cut off; another goes down, so that the rest can do nothing but
// give up their view again and again; then the first one hears them, and they do not hear it. What
// leads to their view has to come with what they repeat.
void follow_by_hearing(World& world) {
    const auto behind = static_cast<std::size_t>(world.random().below(4));
    const std::size_t down = (behind + 1) % 4;
    const std::size_t other = (behind + 2) % 4;
    const TimeUs cut_at = 1 * kSecond + world.random().below(200 * kMillisecond);
    world.at(cut_at, [&world, behind] { world.isolate(behind); });
    world.at(cut_at + 400 * kMillisecond, [&world, down] {
        world.hold_down(down);
        world.crash(down, "crash");
    });
    const TimeUs hears_at = cut_at + 1 * kSecond;
    world.at(hears_at, [&world, behind] {
        world.join_all();
        for (std::size_t i = 0; i < world.size(); ++i) world.cut_one_way(behind, i);
    });
    world.expect(hears_at - 1, "the one that was cut off is behind", [&world, behind, other] {
        return world.node(behind).round() < world.node(other).round();
    });
    world.expect(hears_at + 2 * kSecond,
                 "whoever repeats its nullify sends the certificate of its view along, so that one "
                 "that only hears can follow",
                 [&world, behind, other] {
                     return world.node(behind).round() >= world.node(other).round();
                 });
}

// One falls behind while the others finish their work. When it is back it has work that only it
// knows of, and gives up its old view, while they are idle: they have to bring it to theirs, long
// before it asks by itself.
void help_when_idle(World& world) {
    const auto behind = static_cast<std::size_t>(world.random().below(4));
    const std::size_t other = (behind + 1) % 4;
    world.at(2 * kSecond, [&world, behind] { world.isolate(behind); });
    for (TimeUs second = 3; second < 6; ++second) {
        world.at(second * kSecond, [&world, other] { world.submit(other); });
    }
    const TimeUs back_at = 9 * kSecond + world.random().below(200 * kMillisecond);
    auto number = std::make_shared<TransactionNumber>(0);
    world.expect(back_at - 1, "the one that was cut off is behind", [&world, behind, other] {
        return world.node(behind).height() < world.node(other).height();
    });
    world.at(back_at, [&world, behind, number] {
        *number = world.submit(behind);  // which nobody else hears of
        world.join_all();
    });
    world.expect(back_at + 5 * kSecond,
                 "whoever gives up a view that is over is told at once where the others are",
                 [&world, behind, other, number] {
                     return world.node(behind).state().is_applied(*number) &&
                            world.node(other).state().is_applied(*number);
                 });
}

std::vector<Plan> cut_scenarios() {
    std::vector<Plan> plans;
    plans.push_back(base("halves", "the network is cut in two, healed, cut elsewhere"));
    plans.back().script = [](World& world) {
        repeat(world, 1 * kSecond, [&world] {
            if (world.random().below(3) == 0) return world.join_all();
            cut_in_two(world);
        });
    };
    plans.push_back(base("different-certificates",
                         "short cuts of single links, so that the sides see different "
                         "certificates of one view"));
    plans.back().script = [](World& world) {
        repeat(world, 30 * kMillisecond, [&world] {
            world.join_all();
            for (std::size_t cuts = world.random().below(5); cuts > 0; --cuts) {
                world.cut(world.random().below(world.size()), world.random().below(world.size()));
            }
        });
    };
    plans.push_back(base("one-way-cuts", "links that carry one way only, changing all the time"));
    plans.back().script = [](World& world) {
        repeat(world, 300 * kMillisecond, [&world] {
            world.join_all();
            for (std::size_t cuts = world.random().below(7); cuts > 0; --cuts) {
                world.cut_one_way(world.random().below(world.size()),
                                  world.random().below(world.size()));
            }
        });
    };
    plans.push_back(base("hears-only", "one that nobody hears follows by what the others repeat"));
    plans.back().fixed_set = true;
    plans.back().script = follow_by_hearing;
    plans.push_back(base("behind-in-the-idle",
                         "one that fell behind is helped at once, though "
                         "the others have nothing to do"));
    plans.back().fixed_set = true;
    plans.back().idle_us = 60 * kSecond;
    plans.back().transaction_interval_us = 3600 * kSecond;
    plans.back().recovery_us = 1000 * kSecond;
    plans.back().script = help_when_idle;
    plans.push_back(base("cuts-and-crashes", "cuts, losses and crashes together"));
    plans.back().links.loss_ppm = 30'000;
    plans.back().crash_per_action_ppm = 500;
    plans.back().down_us_max = 500 * kMillisecond;
    plans.back().script = [](World& world) {
        repeat(world, 300 * kMillisecond, [&world] {
            if (world.random().below(2) == 0) return world.join_all();
            cut_in_two(world);
        });
    };
    return plans;
}

std::vector<Plan> liar_scenarios() {
    using enum Behaviour;
    std::vector<Plan> plans;
    plans.push_back(with_liar("silent", "one is connected, and says nothing", silent));
    plans.push_back(with_liar("equivocating-leader", "proposes two blocks", equivocates));
    plans.back().evidence_min = 10;
    plans.push_back(with_liar("votes-everything", "votes for all it sees", votes_everything));
    plans.back().evidence_min = 10;
    plans.push_back(
        with_liar("nullifies-and-finalizes", "both, in each view", nullifies_finalized));
    plans.back().evidence_min = 10;
    plans.push_back(with_liar("thin-certificates", "certificates with a vote too few", thin));
    plans.push_back(with_liar("only-nullifies", "gives up each view at once", only_nullifies));
    plans.push_back(with_liar("forged-signatures", "signatures that are noise", forges));
    plans.push_back(with_liar("anothers-name", "votes under another's name", impersonates));
    plans.push_back(
        with_liar("past-and-far-views", "votes for views long past or far ahead", far_views));
    plans.push_back(with_liar("wrong-epoch", "votes of other epochs", wrong_epoch));
    plans.push_back(with_liar("withheld-block", "a leader's block reaches only some", withholds));
    plans.push_back(with_liar("missing-pack", "a leader names a pack nobody has", missing_pack));
    plans.push_back(with_liar("bad-blocks", "a leader's blocks have a wrong root", bad_blocks));
    plans.push_back(with_liar("floods", "requests and blocks nobody asked for", floods));
    plans.push_back(with_liar("chaos", "anything that is rightly signed, at any time", chaotic));
    plans.back().blocks_min = 50;
    plans.push_back(base("two-chaotic-of-seven", "two of them, with cuts and crashes"));
    plans.back().validators = 7;
    plans.back().liars = {{0, chaotic}, {3, chaotic}};
    plans.back().crash_per_action_ppm = 100;
    plans.back().script = [](World& world) {
        repeat(world, 400 * kMillisecond, [&world] {
            if (world.random().below(2) == 0) return world.join_all();
            cut_in_two(world);
        });
    };
    plans.push_back(base("clone", "two engines run with one key"));
    plans.back().clones = {1};
    plans.push_back(base("two-liars-of-seven", "an equivocating leader, and one for everything"));
    plans.back().validators = 7;
    plans.back().liars = {{1, equivocates}, {4, votes_everything}};
    plans.push_back(base("liar-cuts-and-crashes", "an equivocating leader, cuts and losses"));
    plans.back().liars = {{2, equivocates}};
    plans.back().links.loss_ppm = 20'000;
    plans.back().crash_per_action_ppm = 200;
    plans.back().script = [](World& world) {
        repeat(world, 400 * kMillisecond, [&world] {
            if (world.random().below(2) == 0) return world.join_all();
            cut_in_two(world);
        });
    };
    return plans;
}

// Each scenario again, with an epoch every twenty blocks: from four to five to four validators, and
// from seven to eight to seven.
void add_epochs(std::vector<Plan>& plans) {
    const std::size_t count = plans.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (plans[i].validators != 4 && plans[i].validators != 7) continue;
        if (plans[i].fixed_set) continue;
        Plan plan = plans[i];
        plan.name = "epochs-" + plan.name;
        plan.what += "; the validators change every twenty blocks";
        plan.spares = 2;
        plan.blocks_per_epoch = 20;
        plans.push_back(std::move(plan));
    }
}

std::vector<Plan> all_scenarios() {
    std::vector<Plan> plans = calm_scenarios();
    for (auto more : {crash_scenarios(), cut_scenarios(), liar_scenarios()}) {
        plans.insert(plans.end(), more.begin(), more.end());
    }
    add_epochs(plans);
    return plans;
}

}  // namespace

const std::vector<Plan>& scenarios() {
    static const std::vector<Plan> plans = all_scenarios();
    return plans;
}

const Plan* find_scenario(const std::string& name) {
    for (const Plan& plan : scenarios()) {
        if (plan.name == name) return &plan;
    }
    return nullptr;
}

Report simulate(const Plan& plan, std::uint64_t seed) {
    return World(plan, seed).run();
}

std::string replay_advice(const Report& report) {
    return report.scenario + ", seed " + std::to_string(report.seed) + ": " + report.violation +
           "\nreplay with: build/bin/ashlar_simulate --scenario " + report.scenario + " --seed " +
           std::to_string(report.seed) + " --runs 1";
}

}  // namespace ashlar::simulation
