// A certificate within other messages. Private to codec.
#pragma once

#include <schema/certificate.capnp.h>

#include "codec/canonical.h"
#include "codec/certificate.h"

namespace ashlar::codec {

Expected<consensus::VoteKind> kind_of(schema::VoteKind kind);
void write_certificate(schema::Certificate::Builder builder,
                       const consensus::Certificate& certificate);
Expected<consensus::Certificate> read_certificate(schema::Certificate::Reader reader);

}  // namespace ashlar::codec
