#include "native/command/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdlib>

#include "native/command/client_commands.h"
#include "native/command/proof_commands.h"
#include "native/command/serve.h"
#include "native/command/testnet.h"

namespace ashlar::native {

namespace {

constexpr std::uint64_t kMaxAgeSecondsMax = std::uint64_t{1} << 40;

void add_client_options(CLI::App& command, ClientOptions& options) {
    command.add_option("--server", options.server, "The server's URL")
        ->envname("ASHLAR_SERVER")
        ->capture_default_str();
    command
        .add_option("--token-file", options.token_file,
                    "File with the token to act with (ASHLAR_TOKEN, where it is set, holds the "
                    "token itself)")
        ->capture_default_str();
    command.add_flag("--json", options.json, "Print the server's JSON answer");
}

// Validators of one network check each other's packs, so theirs have to be the same.
void add_push_limits(CLI::App& command, git::PackLimits& limits) {
    const auto add_bytes = [&command](const char* name, std::uint64_t& bytes, std::uint64_t least,
                                      const char* words) {
        command.add_option(name, bytes, words)
            ->transform(CLI::AsSizeValue(false))
            ->check(CLI::Range(least, std::uint64_t{1} << 50))
            ->capture_default_str();
    };
    add_bytes("--pack-size-max", limits.pack_bytes_max, 1, "Of one pushed pack (100MiB)");
    add_bytes("--object-size-max", limits.object_size_max, 1, "Of one pushed object");
    add_bytes("--delta-memory", limits.delta_memory_max, kDeltaMemoryMin,
              "What pushes may hold in memory, together, while their deltas are resolved");
    command.add_option("--objects-max", limits.object_count_max, "Objects in one pushed pack")
        ->capture_default_str();
}

void add_serve(CLI::App& root, ServeOptions& options, int& exit_code) {
    CLI::App* command = root.add_subcommand("serve", "Serve git, REST and pages");
    CLI::Option* config = command->add_option(
        "--config", options.config, "YAML file of a validator among others, which says the rest");
    command->add_option("--data", options.data, "Data folder; made where it does not exist")
        ->capture_default_str()
        ->excludes(config);
    command->add_option("--http", options.listen, "HOST:PORT to listen on; port 0 takes a free one")
        ->capture_default_str()
        ->excludes(config);
    command
        ->add_option("--url", options.public_url,
                     "The address that people reach this server under (https://git.example.org)")
        ->excludes(config);
    command
        ->add_option("--housekeeping-interval", options.housekeeping_seconds,
                     "Seconds between two rounds of work in the background; 0: none")
        ->capture_default_str();
    add_push_limits(*command, options.pack_limits);
    command->add_flag("--json", options.json, "Say in JSON what is served where");
    command->callback([&] { exit_code = serve(options); });
}

void add_testnet(CLI::App& root, TestnetOptions& options, int& exit_code) {
    CLI::App* group = root.add_subcommand("testnet", "A network of validators on this machine");
    group->require_subcommand(1);
    CLI::App* up = group->add_subcommand(
        "up", "Start one, made where there is none, and wait until its validators agree");
    up->add_option("--dir", options.folder, "Its folder")->required();
    up->add_option("--validators", options.validator_count, "How many validators (default: 4)");
    up->add_option("--http-port", options.http_port,
                   "The first one's HTTP port; the others' follow (default: 8080)");
    up->add_flag("--detach", options.detach, "Return when they agree, and let them run");
    up->callback([&] { exit_code = testnet_up(options); });
    CLI::App* down = group->add_subcommand("down", "End all of its processes");
    down->add_option("--dir", options.folder, "Its folder")->required();
    down->callback([&] { exit_code = testnet_down(options.folder); });
}

void add_account(CLI::App& root, ClientOptions& client, std::string& login, int& exit_code) {
    CLI::App* group = root.add_subcommand("account", "Accounts (by a site administrator)");
    group->require_subcommand(1);
    CLI::App* create = group->add_subcommand("create", "Create an account");
    create->add_option("login", login, "Its name")->required();
    add_client_options(*create, client);
    create->callback([&] { exit_code = create_account(client, login); });
}

void add_token(CLI::App& root, ClientOptions& client, TokenOptions& token, int& exit_code) {
    CLI::App* group = root.add_subcommand("token", "Tokens (by a site administrator)");
    group->require_subcommand(1);
    CLI::App* create = group->add_subcommand("create", "Create a token; its secret is shown once");
    create->add_option("--account", token.account, "Whose token")->required();
    create->add_option("--note", token.note, "What it is for");
    create
        ->add_option("--scopes", token.scopes,
                     "repo, repo:read, public_repo, delete_repo, user, site_admin")
        ->delimiter(',')
        ->capture_default_str();
    add_client_options(*create, client);
    create->callback([&] { exit_code = create_token(client, token); });
}

void add_repository(CLI::App& root, ClientOptions& client, RepositoryOptions& repository,
                    int& exit_code) {
    CLI::App* group = root.add_subcommand("repo", "Repositories");
    group->require_subcommand(1);
    CLI::App* create = group->add_subcommand("create", "Create a repository of one's own");
    create->add_option("name", repository.name, "Its name")->required();
    create->add_option("--description", repository.description, "What it is");
    create->add_flag("--private", repository.is_private, "Visible to its members only");
    add_client_options(*create, client);
    create->callback([&] { exit_code = create_repository(client, repository); });

    CLI::App* list = group->add_subcommand("list", "List one's own repositories");
    add_client_options(*list, client);
    list->callback([&] { exit_code = list_repositories(client); });

    CLI::App* remove = group->add_subcommand("delete", "Delete a repository and all it holds");
    remove->add_option("name", repository.name, "OWNER/NAME, or NAME of one's own")->required();
    add_client_options(*remove, client);
    remove->callback([&] { exit_code = delete_repository(client, repository.name); });
}

void add_genesis_option(CLI::App& command, std::optional<std::string>& genesis) {
    command.add_option("--genesis", genesis,
                       "The network's genesis.json; where none is given (nor in ASHLAR_GENESIS), "
                       "the server's own counts from its first use on");
}

void add_verify(CLI::App& root, VerifyOptions& options, int& exit_code) {
    CLI::App* command = root.add_subcommand(
        "verify", "Check a repository at any server, or a receipt, against the network's genesis");
    command
        ->add_option("what", options.what,
                     "The repository's URL (http://HOST:PORT/OWNER/NAME), or a receipt's file")
        ->required();
    add_genesis_option(*command, options.genesis);
    command
        ->add_option("--max-age", options.max_age_seconds,
                     "How many seconds old the newest state may be")
        ->check(CLI::Range(std::uint64_t{0}, kMaxAgeSecondsMax))
        ->capture_default_str();
    command->add_flag("--json", options.json, "Say in JSON what was proven");
    command->callback([&] { exit_code = verify(options); });
}

void add_receipt(CLI::App& root, ReceiptOptions& options, int& exit_code) {
    CLI::App* command = root.add_subcommand(
        "receipt", "Fetch the proof of what a ref is now, as a file that verifies offline");
    command->add_option("url", options.url, "The repository's URL")->required();
    command->add_option("ref", options.ref, "A branch, or a ref's full name")
        ->capture_default_str();
    command->add_option("-o,--output", options.output, "The file to write")->capture_default_str();
    add_genesis_option(*command, options.genesis);
    command->add_flag("--json", options.json, "Say in JSON what was proven");
    command->callback([&] { exit_code = fetch_receipt(options); });
}

void add_validator_commands(CLI::App& root, ClientOptions& client, ValidatorOptions& validator,
                            int& exit_code) {
    CLI::App* group = root.add_subcommand(
        "validator", "The network's validators (changed by a site administrator)");
    group->require_subcommand(1);
    const auto add_command = [&](const char* name, const char* what,
                                 int (*command)(const ClientOptions&, const ValidatorOptions&)) {
        CLI::App* added = group->add_subcommand(name, what);
        add_client_options(*added, client);
        added->callback(
            [&client, &validator, &exit_code, command] { exit_code = command(client, validator); });
        return added;
    };
    CLI::App* list = group->add_subcommand("list", "List those that decide");
    add_client_options(*list, client);
    list->callback([&] { exit_code = list_validators(client); });

    CLI::App* key = group->add_subcommand(
        "key", "Print the public key of a validator's key file, made where there is none");
    key->add_option("file", validator.validator, "The file (validator.key)")->required();
    key->callback([&] { exit_code = show_validator_key(validator.validator); });

    CLI::App* add = add_command("add", "Add one, from the next block on", add_validator);
    CLI::App* replace =
        add_command("replace", "Put another key in the place of one, or change a name or address",
                    replace_validator);
    CLI::App* remove = add_command("remove", "Remove one", remove_validator);
    for (CLI::App* command : {replace, remove}) {
        command->add_option("validator", validator.validator, "Its name or public key")->required();
    }
    add->add_option("name", validator.name, "What to call it")->required();
    add->add_option("--key", validator.key, "Its public key, 64 hexadecimal digits")->required();
    replace->add_option("--key", validator.key, "The new public key");
    replace->add_option("--name", validator.name, "The new name");
    for (CLI::App* command : {add, replace}) {
        command->add_option("--address", validator.address,
                            "HOST:PORT under which the others reach it");
    }
}

}  // namespace

int run_command_line(int argument_count, char** arguments) {
    CLI::App root("Git hosting that proves what it serves", "ashlar");
    root.set_version_flag("--version", std::string("ashlar ") + ASHLAR_VERSION);
    root.require_subcommand(1);

    int exit_code = kExitDone;
    ServeOptions serve_options;
    TestnetOptions testnet_options;
    ClientOptions client;
    if (const char* token = std::getenv("ASHLAR_TOKEN")) client.token = token;
    std::string login;
    TokenOptions token{"", "", {"repo"}};
    RepositoryOptions repository;
    VerifyOptions verify_options;
    ReceiptOptions receipt_options;
    ValidatorOptions validator;
    add_serve(root, serve_options, exit_code);
    add_testnet(root, testnet_options, exit_code);
    add_account(root, client, login, exit_code);
    add_token(root, client, token, exit_code);
    add_repository(root, client, repository, exit_code);
    add_verify(root, verify_options, exit_code);
    add_receipt(root, receipt_options, exit_code);
    add_validator_commands(root, client, validator, exit_code);
    try {
        root.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return root.exit(error);
    }
    return exit_code;
}

}  // namespace ashlar::native
