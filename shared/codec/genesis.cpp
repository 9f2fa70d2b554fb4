#include "codec/genesis.h"

#include <schema/genesis.capnp.h>

#include "codec/record_messages.h"

namespace ashlar::codec {

Bytes encode(const forge::Genesis& genesis) {
    return encode_canonical<schema::Genesis>([&](schema::Genesis::Builder& builder) {
        builder.setFormatVersion(genesis.format_version);
        builder.setNetworkName(text_of(genesis.network_name));
        builder.setTimeMs(genesis.time_ms);
        fill(builder.initValidators(static_cast<unsigned>(genesis.validators.size())),
             genesis.validators);
        builder.setAdministratorLogin(text_of(genesis.administrator.login));
        builder.setAdministratorTokenHash(data_of(genesis.administrator.token_secret_hash.view()));
        fill(builder.initSettings(), genesis.settings);
    });
}

Expected<forge::Genesis> decode_genesis(ByteView bytes) {
    return decode_canonical<schema::Genesis, forge::Genesis>(
        bytes, "genesis", kRecordBytesMax, encode,
        [](schema::Genesis::Reader reader) -> Expected<forge::Genesis> {
            forge::Genesis genesis;
            genesis.format_version = reader.getFormatVersion();
            genesis.network_name = string_of(reader.getNetworkName());
            genesis.time_ms = reader.getTimeMs();
            ASHLAR_TRY(genesis.validators, read(reader.getValidators()));
            genesis.administrator.login = string_of(reader.getAdministratorLogin());
            ASHLAR_TRY(genesis.administrator.token_secret_hash,
                       fixed<crypto::Digest>(reader.getAdministratorTokenHash()));
            genesis.settings = read(reader.getSettings());
            return genesis;
        });
}

ledger::ChainId chain_id_of(const forge::Genesis& genesis) {
    return {crypto::hash("ashlar genesis", encode(genesis))};
}

}  // namespace ashlar::codec
