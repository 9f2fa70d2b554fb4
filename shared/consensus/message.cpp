#include "consensus/message.h"

namespace ashlar::consensus {

Channel channel_of(const Message& message) {
    if (std::holds_alternative<Vote>(message)) return Channel::votes;
    if (std::holds_alternative<Certificate>(message)) return Channel::certificates;
    if (std::holds_alternative<BlockMessage>(message)) return Channel::broadcast;
    return Channel::resolver;
}

}  // namespace ashlar::consensus
