#include "git/pack/pack_receiver.h"

#include "git/pack/pack_reception.h"

namespace ashlar::git {

class PackReceiver::Implementation : public PackReception {
  public:
    using PackReception::PackReception;
};

PackReceiver::PackReceiver(PackStaging& staging, ObjectSource* thin_bases, Options options)
    : implementation_(std::make_unique<Implementation>(staging, thin_bases, std::move(options))) {}

PackReceiver::~PackReceiver() = default;

Expected<void> PackReceiver::write(ByteView bytes) {
    return implementation_->write(bytes);
}

bool PackReceiver::complete() const {
    return implementation_->complete();
}

Expected<ReceivedPack> PackReceiver::finish() {
    return implementation_->finish();
}

}  // namespace ashlar::git
