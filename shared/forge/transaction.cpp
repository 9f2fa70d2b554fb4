#include "forge/transaction.h"

namespace ashlar::forge {

namespace {

struct Namer {
    std::string_view operator()(const CreateAccount&) const { return "create_account"; }
    std::string_view operator()(const CreateToken&) const { return "create_token"; }
    std::string_view operator()(const RevokeToken&) const { return "revoke_token"; }
    std::string_view operator()(const CreateRepository&) const { return "create_repository"; }
    std::string_view operator()(const UpdateRepository&) const { return "update_repository"; }
    std::string_view operator()(const DeleteRepository&) const { return "delete_repository"; }
    std::string_view operator()(const UpdateRefs&) const { return "update_refs"; }
    std::string_view operator()(const ChangeValidators&) const { return "change_validators"; }
    std::string_view operator()(const CreateSshKey&) const { return "create_ssh_key"; }
    std::string_view operator()(const DeleteSshKey&) const { return "delete_ssh_key"; }
};

}  // namespace

std::string_view name_of(const Action& action) {
    return std::visit(Namer{}, action);
}

}  // namespace ashlar::forge
