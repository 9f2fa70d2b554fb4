#include "codec/sync.h"

#include <schema/sync.capnp.h>

#include "codec/proof_messages.h"
#include "codec/record_messages.h"

namespace ashlar::codec {

namespace {

Expected<RepositoryCheckpoint> read_checkpoint(schema::RepositoryCheckpoint::Reader reader) {
    RepositoryCheckpoint checkpoint;
    ASHLAR_TRY(checkpoint.chain.digest, fixed<crypto::Digest>(reader.getChain()));
    checkpoint.owner = string_of(reader.getOwner());
    checkpoint.repository = string_of(reader.getRepository());
    ASHLAR_TRY(checkpoint.finalized, read(reader.getFinalized()));
    ASHLAR_TRY(checkpoint.proof, read(reader.getProof()));
    const auto packs = reader.getPacks();
    if (packs.size() > kPacksPerRepositoryMax) return fail(ErrorCode::invalid, "too many packs");
    for (const schema::PackReference::Reader item : packs) {
        ASHLAR_TRY(forge::PackReference pack, read(item));
        checkpoint.packs.push_back(pack);
    }
    return checkpoint;
}

Expected<RefList> read_list(schema::RefList::Reader reader) {
    RefList list;
    ASHLAR_TRY(list.refs, read(reader.getRefs()));
    return list;
}

void fill_checkpoint(schema::RepositoryCheckpoint::Builder builder,
                     const RepositoryCheckpoint& checkpoint) {
    builder.setChain(data_of(checkpoint.chain.digest.view()));
    builder.setOwner(text_of(checkpoint.owner));
    builder.setRepository(text_of(checkpoint.repository));
    fill(builder.initFinalized(), checkpoint.finalized);
    fill(builder.initProof(), checkpoint.proof);
    auto packs = builder.initPacks(static_cast<unsigned>(checkpoint.packs.size()));
    for (std::size_t i = 0; i < checkpoint.packs.size(); ++i) {
        fill(packs[static_cast<unsigned>(i)], checkpoint.packs[i]);
    }
}

void fill_name(schema::RepositoryName::Builder builder, const RepositoryName& name) {
    builder.setOwner(text_of(name.owner));
    builder.setRepository(text_of(name.repository));
}

RepositoryName read_name(schema::RepositoryName::Reader reader) {
    return {string_of(reader.getOwner()), string_of(reader.getRepository())};
}

void fill_names(capnp::List<schema::RepositoryName>::Builder builder,
                const std::vector<RepositoryName>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        fill_name(builder[static_cast<unsigned>(i)], names[i]);
    }
}

Expected<std::vector<RepositoryName>> read_names(
    capnp::List<schema::RepositoryName>::Reader reader) {
    if (reader.size() > kHeldRepositoriesMax) {
        return fail(ErrorCode::invalid, "too many repositories");
    }
    std::vector<RepositoryName> names;
    for (const schema::RepositoryName::Reader item : reader) names.push_back(read_name(item));
    return names;
}

Expected<SubscriberMessage> read_subscriber_message(schema::SubscriberMessage::Reader reader) {
    SubscriberMessage message;
    ASHLAR_TRY(message.hold, read_names(reader.getHold()));
    ASHLAR_TRY(message.release, read_names(reader.getRelease()));
    return message;
}

Expected<RepositoryNews> read_repository_news(schema::RepositoryNews::Reader reader) {
    RepositoryNews news;
    ASHLAR_TRY(news.checkpoint, read_checkpoint(reader.getCheckpoint()));
    ASHLAR_TRY(news.changes_from, optional_fixed<crypto::Digest>(reader.getChangesFrom()));
    ASHLAR_TRY(news.changed, read(reader.getChanged()));
    const auto removed = reader.getRemoved();
    if (news.changed.size() + removed.size() > kToldRefChangesMax) {
        return fail(ErrorCode::invalid, "too many changes of refs");
    }
    for (const capnp::Text::Reader item : removed) {
        std::string name = string_of(item);
        if (!news.removed.empty() && !(news.removed.back() < name)) {
            return fail(ErrorCode::invalid, "removed refs are not in order");
        }
        news.removed.push_back(std::move(name));
    }
    return news;
}

Expected<News> read_news(schema::News::Reader reader) {
    switch (reader.which()) {
        case schema::News::HEADER: {
            ASHLAR_TRY(FinalizedHeader header, read(reader.getHeader()));
            return News(std::move(header));
        }
        case schema::News::REPOSITORY: {
            ASHLAR_TRY(RepositoryNews news, read_repository_news(reader.getRepository()));
            return News(std::move(news));
        }
        case schema::News::GONE:
            return News(RepositoryGone{read_name(reader.getGone())});
        default:
            return fail(ErrorCode::invalid, "of an unknown kind");
    }
}

struct NewsWriter {
    schema::News::Builder& builder;

    void operator()(const FinalizedHeader& header) const { fill(builder.initHeader(), header); }
    void operator()(const RepositoryNews& news) const {
        auto repository = builder.initRepository();
        fill_checkpoint(repository.initCheckpoint(), news.checkpoint);
        if (news.changes_from) repository.setChangesFrom(data_of(news.changes_from->view()));
        fill(repository.initChanged(static_cast<unsigned>(news.changed.size())), news.changed);
        auto removed = repository.initRemoved(static_cast<unsigned>(news.removed.size()));
        for (std::size_t i = 0; i < news.removed.size(); ++i) {
            removed.set(static_cast<unsigned>(i), text_of(news.removed[i]));
        }
    }
    void operator()(const RepositoryGone& gone) const { fill_name(builder.initGone(), gone.name); }
};

}  // namespace

Bytes encode(const SubscriberMessage& message) {
    return encode_canonical<schema::SubscriberMessage>(
        [&](schema::SubscriberMessage::Builder& builder) {
            fill_names(builder.initHold(static_cast<unsigned>(message.hold.size())), message.hold);
            fill_names(builder.initRelease(static_cast<unsigned>(message.release.size())),
                       message.release);
        });
}

Bytes encode(const News& news) {
    return encode_canonical<schema::News>(
        [&](schema::News::Builder& builder) { std::visit(NewsWriter{builder}, news); });
}

Bytes encode(const RepositoryCheckpoint& checkpoint) {
    return encode_canonical<schema::RepositoryCheckpoint>(
        [&](schema::RepositoryCheckpoint::Builder& builder) {
            fill_checkpoint(builder, checkpoint);
        });
}

Bytes encode(const RefList& list) {
    return encode_canonical<schema::RefList>([&](schema::RefList::Builder& builder) {
        fill(builder.initRefs(static_cast<unsigned>(list.refs.size())), list.refs);
    });
}

Expected<RepositoryCheckpoint> decode_repository_checkpoint(ByteView bytes) {
    return decode_canonical<schema::RepositoryCheckpoint, RepositoryCheckpoint>(
        bytes, "repository checkpoint", kCheckpointBytesMax, encode, read_checkpoint);
}

Expected<RefList> decode_ref_list(ByteView bytes) {
    return decode_canonical<schema::RefList, RefList>(bytes, "ref list", kRefListBytesMax, encode,
                                                      read_list);
}

Expected<SubscriberMessage> decode_subscriber_message(ByteView bytes) {
    return decode_canonical<schema::SubscriberMessage, SubscriberMessage>(
        bytes, "subscriber's message", kSubscriberMessageBytesMax, encode, read_subscriber_message);
}

Expected<News> decode_news(ByteView bytes) {
    return decode_canonical<schema::News, News>(bytes, "news", kCheckpointBytesMax, encode,
                                                read_news);
}

}  // namespace ashlar::codec
