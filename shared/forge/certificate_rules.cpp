// The rules of signed pushes. Every validator checks the signature itself, so that none has to
// take another's word for it.
#include <set>
#include <string>

#include "crypto/ssh.h"
#include "forge/rule_set.h"
#include "git/wire/push_certificate.h"

namespace ashlar::forge {

namespace {

// What git signs with keys of SSH, it signs for this name space.
constexpr std::string_view kNameSpace = "git";

std::string hex_of(const std::optional<git::ObjectId>& id) {
    return id.value_or(git::ObjectId{}).hex();
}

Unexpected refuse(const std::string& why) {
    return fail(ErrorCode::invalid, "push certificate: " + why);
}

// What the validator that took the push has refused already may be missing among the updates.
Expected<void> check_commands(const git::PushCertificate& certificate, const UpdateRefs& action) {
    const std::set<std::string_view> commands(certificate.commands.begin(),
                                              certificate.commands.end());
    for (const RefUpdate& update : action.updates) {
        const std::string command =
            hex_of(update.old_id) + " " + hex_of(update.new_id) + " " + update.name;
        if (commands.count(command) == 0) return refuse("it does not name " + update.name);
    }
    if (certificate.push_options != action.push_options) {
        return refuse("its push options are others");
    }
    return {};
}

}  // namespace

Expected<std::optional<SshKeyId>> check_certificate(const RuleContext& context,
                                                    const UpdateRefs& action) {
    ASHLAR_TRY(const git::PushCertificate certificate,
               git::parse_push_certificate(action.certificate));
    ASHLAR_CHECK(check_commands(certificate, action));
    if (!certificate.is_signed_by_ssh()) return std::nullopt;
    const auto signature = crypto::parse_ssh_signature(as_text(certificate.signature));
    if (!signature && signature.error().code == ErrorCode::unsupported) return std::nullopt;
    if (!signature) return refuse(signature.error().detail);
    if (!crypto::verify(*signature, kNameSpace, certificate.text)) {
        return refuse("its signature does not fit");
    }
    ASHLAR_TRY(const auto id, context.state.find_ssh_key(signature->key));
    if (!id) return std::nullopt;
    ASHLAR_TRY(const auto key, context.state.ssh_key(*id));
    // Somebody else's key says nothing of this account.
    const bool is_authors =
        key && context.author.account && key->account == context.author.account->id;
    return is_authors ? id : std::nullopt;
}

}  // namespace ashlar::forge
