// Certificates, to and from their canonical Cap'n Proto encoding (schema/certificate.capnp).
#pragma once

#include "consensus/certificate.h"

namespace ashlar::codec {

Bytes encode(const consensus::Certificate& certificate);
// Accepts exactly what encode() gives; fails with `invalid`. Signatures are not checked here.
Expected<consensus::Certificate> decode_certificate(ByteView bytes);

}  // namespace ashlar::codec
