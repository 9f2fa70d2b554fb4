// A machine that crashes as a whole: rows and files under one plan.
#pragma once

#include <memory>

#include "support/faulty_file_system.h"
#include "support/faulty_key_value.h"

namespace ashlar::support {

class FaultyMachine {
  public:
    explicit FaultyMachine(std::uint64_t seed)
        : plan_(std::make_shared<FaultPlan>(seed)),
          rows_(plan_),
          files_(std::make_shared<FaultyFileSystem>(plan_)) {}

    FaultPlan& plan() { return *plan_; }
    FaultyKeyValue& rows() { return rows_; }
    const std::shared_ptr<FaultyFileSystem>& files() { return files_; }

    // Loses what was not synced, and runs again without faults. Nothing uses it meanwhile.
    void restart() {
        rows_.crash();
        files_->crash();
        plan_->restart();
    }

  private:
    std::shared_ptr<FaultPlan> plan_;
    FaultyKeyValue rows_;
    std::shared_ptr<FaultyFileSystem> files_;
};

}  // namespace ashlar::support
