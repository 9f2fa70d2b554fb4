#include "native/node/block_observers.h"

#include <utility>

namespace ashlar::node {

class BlockObservers::Handle final : public chain::Orderer::Subscription {
  public:
    Handle(std::shared_ptr<List> list, chain::Orderer::Observer observer) : list_(std::move(list)) {
        const std::lock_guard lock(list_->mutex);
        position_ = list_->observers.insert(list_->observers.end(), std::move(observer));
    }
    ~Handle() override {
        const std::lock_guard lock(list_->mutex);
        list_->observers.erase(position_);
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

  private:
    std::shared_ptr<List> list_;
    std::list<chain::Orderer::Observer>::iterator position_;
};

BlockObservers::BlockObservers() : list_(std::make_shared<List>()) {}

std::unique_ptr<chain::Orderer::Subscription> BlockObservers::subscribe(
    chain::Orderer::Observer observer) {
    return std::make_unique<Handle>(list_, std::move(observer));
}

void BlockObservers::tell(const chain::FinalizedBlock& block) {
    const std::lock_guard lock(list_->mutex);
    for (const chain::Orderer::Observer& observer : list_->observers) observer(block);
}

}  // namespace ashlar::node
