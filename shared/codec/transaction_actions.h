// The actions of a transaction, in its message. Private to codec.
#pragma once

#include <schema/transaction.capnp.h>

#include "codec/record_messages.h"
#include "forge/transaction.h"

namespace ashlar::codec {

// What a push may name, whatever a network's settings say: bounds what decoding allocates.
inline constexpr std::size_t kRefUpdatesMax = std::size_t{1} << 18;
inline constexpr std::size_t kPushOptionsMax = 1024;

Expected<forge::Action> read_action(schema::TransactionBody::Action::Reader reader);
void fill_action(schema::TransactionBody::Action::Builder builder, const forge::Action& action);

}  // namespace ashlar::codec
