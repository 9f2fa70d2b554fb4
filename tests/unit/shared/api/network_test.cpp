#include "api/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../chain/chain_harness.h"
#include "api/network_json.h"
#include "api/pages.h"
#include "memory_site.h"
#include "pages/embedded.h"
#include "response_parts.h"

namespace ashlar::api {
namespace {

using testing::HasSubstr;
using testing::Not;

class MemoryNetwork final : public Network {
  public:
    explicit MemoryNetwork(chain::ChainHarness& chain) : chain_(chain) {}

    Expected<NetworkStatus> status() override {
        const chain::ChainTip tip = chain_.tip();
        NetworkStatus status;
        status.name = "test <net>";
        status.chain = chain_.chain_id;
        status.epoch = tip.header.epoch;
        status.view = ledger::View(tip.header.height.value + 1);
        status.final_height = status.applied_height = tip.header.height;
        status.applied_digest = tip.digest;
        status.applied_block_ms = tip.header.time_ms;
        const auto set = *chain_.reader().validators();
        for (const forge::Validator& record : set.validators) {
            NetworkValidator validator;
            validator.record = record;
            validator.health = ValidatorHealth::voting;
            validator.is_self = validator.leads = true;
            status.validators.push_back(validator);
        }
        status.ready = why_not_ready.empty();
        status.why_not_ready = why_not_ready;
        status.now_ms = tip.header.time_ms + 5000;
        return status;
    }
    std::shared_ptr<const chain::StateReader> state() override {
        return std::make_shared<chain::StateReader>(chain_.store->snapshot());
    }
    Expected<std::vector<codec::EvidenceRecord>> evidence(std::size_t) override { return kept; }

    std::string why_not_ready;
    std::vector<codec::EvidenceRecord> kept;

  private:
    chain::ChainHarness& chain_;
};

class NetworkTest : public testing::Test {
  protected:
    NetworkTest() {
        alice = chain.account("alice");
        bob = chain.account("bob");
    }

    Viewer viewer(forge::AccountId id, forge::ScopeSet scopes = forge::ScopeSet::all()) {
        return Viewer::with_token(*chain.reader().account(id), scopes);
    }
    forge::RepositoryId private_repository() {
        forge::CreateRepository action;
        action.owner = chain::kAdministrator;
        action.name = "hush";
        action.visibility = forge::Visibility::visible_to_members;
        return chain.run_one(action).repository;
    }
    TransactionView newest(const Viewer& as) {
        const auto block = view_block(chain.reader(), as, chain.tip().header.height);
        EXPECT_TRUE(block) << block.error().message();
        return block->transactions.at(0);
    }
    Response get(std::string path, const Viewer& as = Viewer::anonymous()) {
        Request request;
        request.method = "GET";
        const std::size_t question = std::min(path.find('?'), path.size());
        request.path = path.substr(0, question);
        if (question < path.size()) request.query = path.substr(question + 1);
        auto response = pages.respond(request, as, site, &network);
        EXPECT_TRUE(response) << path;
        return std::move(*response);
    }

    chain::ChainHarness chain;
    forge::AccountId alice;
    forge::AccountId bob;
    MemoryNetwork network{chain};
    MemorySite site;
    pages::MarkdownLibrary markdown;
    Pages pages{markdown, {"https://git.example.org", "Ashlar"}};
};

TEST_F(NetworkTest, strangers_learn_of_a_private_push_its_kind_author_and_size_only) {
    const forge::RepositoryId id = private_repository();
    chain.run_one(chain.push(id, "refs/heads/merger", std::nullopt, chain::object(1)));
    for (const Viewer& stranger :
         {Viewer::anonymous(), viewer(alice),
          viewer(chain::kAdministrator, forge::ScopeSet().with(forge::Scope::repository_write))}) {
        const TransactionView view = newest(stranger);
        EXPECT_EQ(view.kind, "update_refs");
        EXPECT_EQ(view.author, chain::kAdministrator);
        EXPECT_GT(view.bytes, 100u);
        EXPECT_EQ(view.summary, "");
        EXPECT_TRUE(view.details.empty());
        EXPECT_FALSE(view.author_login);
    }
    const TransactionView own = newest(viewer(chain::kAdministrator));
    EXPECT_EQ(own.summary, "operator/hush: 1 ref");
    EXPECT_EQ(own.details, std::vector<std::string>{"refs/heads/merger"});
    EXPECT_EQ(own.author_login, "operator");
    const std::string height = std::to_string(chain.tip().header.height.value);
    const std::string html = body(get("/network/blocks/" + height));
    EXPECT_THAT(html, Not(HasSubstr("hush")));
    EXPECT_THAT(html, Not(HasSubstr("merger")));
    EXPECT_THAT(html, HasSubstr("update_refs"));
}

TEST_F(NetworkTest, every_kind_that_names_a_private_repository_is_kept_from_strangers) {
    const forge::RepositoryId id = private_repository();
    EXPECT_EQ(newest(Viewer::anonymous()).summary, "");
    EXPECT_EQ(newest(viewer(chain::kAdministrator)).summary, "operator/hush");
    forge::UpdateRepository words;
    words.repository = id;
    words.description = "of the merger";
    chain.run_one(words);
    EXPECT_EQ(newest(Viewer::anonymous()).summary, "");
    EXPECT_EQ(newest(viewer(chain::kAdministrator)).summary, "operator/hush: settings");
    chain.run_one(forge::DeleteRepository{id});
    // Who might have seen it, nobody can say any more.
    EXPECT_EQ(newest(Viewer::anonymous()).summary, "");
    EXPECT_EQ(newest(viewer(chain::kAdministrator)).summary, "");
}

TEST_F(NetworkTest, a_ref_that_is_gone_is_named_only_to_those_who_run_the_repository) {
    const forge::RepositoryId id = chain.repository("open");
    chain.run_one(chain.push(id, "refs/heads/main", std::nullopt, chain::object(1)));
    EXPECT_EQ(newest(Viewer::anonymous()).details, std::vector<std::string>{"refs/heads/main"});
    chain.run_one(chain.push(id, "refs/heads/main", chain::object(1), std::nullopt));
    EXPECT_EQ(newest(Viewer::anonymous()).summary, "operator/open: 1 ref");
    EXPECT_TRUE(newest(Viewer::anonymous()).details.empty());
    EXPECT_EQ(newest(viewer(chain::kAdministrator)).details.size(), 1u);
}

TEST_F(NetworkTest, tokens_are_the_business_of_their_account) {
    const auto secret = forge::token_secret_hash("s");
    const auto created = chain.run_one(
        forge::CreateToken{alice, "laptop", forge::ScopeSet::all(), secret, std::nullopt});
    EXPECT_EQ(newest(viewer(bob)).summary, "");
    EXPECT_EQ(newest(viewer(alice)).summary, "token \"laptop\" of alice");
    chain.run_one(forge::RevokeToken{created.token});
    EXPECT_EQ(newest(Viewer::anonymous()).summary, "");
    EXPECT_EQ(newest(viewer(alice)).summary, "token \"laptop\" of alice");
}

TEST_F(NetworkTest, a_block_names_its_signers_and_changes_of_validators_are_everybodys) {
    const forge::Validator other{chain::key_of(7).public_key(), "seven", "seven.example.org:70"};
    chain.run_one(forge::ChangeValidators{chain::key_of(1).public_key(), other});
    const auto block = *view_block(chain.reader(), Viewer::anonymous(), chain.tip().header.height);
    ASSERT_EQ(block.signers.size(), 1u);
    EXPECT_EQ(block.signers[0].name, "v1");  // of the epoch that it ends
    EXPECT_EQ(block.transactions.at(0).summary, "the validators");
    EXPECT_EQ(block.transactions.at(0).details.size(), 2u);
    const std::string html = body(get("/network/blocks/3"));
    EXPECT_THAT(html, HasSubstr("ends the epoch"));
    EXPECT_THAT(html, HasSubstr(other.key.hex()));
}

TEST_F(NetworkTest, blocks_are_listed_from_the_newest_down_to_the_beginning) {
    for (int i = 0; i < 60; ++i) chain.run({});
    const auto headers = *view_headers(chain.reader(), ledger::Height(1000), 10);
    ASSERT_EQ(headers.size(), 10u);
    EXPECT_EQ(headers.front().height, ledger::Height(62));
    EXPECT_EQ(headers.back().height, ledger::Height(53));
    EXPECT_EQ(view_headers(chain.reader(), ledger::Height(3), 10)->size(), 4u);
    EXPECT_EQ(view_headers(chain.reader(), ledger::Height(62), 1000)->size(), 63u);

    const std::string first = body(get("/network"));
    EXPECT_THAT(first, HasSubstr("/network/blocks/62\""));
    EXPECT_THAT(first, HasSubstr("/network?below=38\""));
    const std::string second = body(get("/network?below=38"));
    EXPECT_THAT(second, HasSubstr("/network/blocks/37\""));
    EXPECT_THAT(second, Not(HasSubstr("/network/blocks/38\"")));
    EXPECT_THAT(second, Not(HasSubstr("<script")));
    EXPECT_EQ(get("/network?below=nonsense").status, 200);
    EXPECT_EQ(get("/network/blocks/63").status, 404);
    EXPECT_EQ(get("/network/blocks/x").status, 404);
    EXPECT_EQ(get("/network/other").status, 404);
    EXPECT_EQ(get("/network/blocks/0").status, 200);
}

TEST_F(NetworkTest, the_page_says_who_decides_and_refreshes_by_its_own_script_or_without) {
    const Response response = get("/network");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "cache-control"), "no-store");
    const std::string policy = header(response, "content-security-policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
    EXPECT_THAT(policy, HasSubstr("script-src 'self'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    const std::string html = body(response);
    EXPECT_THAT(html, HasSubstr("test &lt;net&gt;"));
    EXPECT_THAT(html, HasSubstr("1 of 1 decide"));
    EXPECT_THAT(html, HasSubstr("voting"));
    EXPECT_THAT(html, HasSubstr("5 seconds ago"));
    EXPECT_THAT(html, HasSubstr("None: every validator"));
    EXPECT_THAT(html, HasSubstr("<noscript><meta http-equiv=\"refresh\" content=\"3\">"));
    const std::size_t at = html.find("/assets/", html.find("<script"));
    const Response script = get(html.substr(at, html.find('"', at) - at));
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(header(script, "content-type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(body(script), std::string(pages::embedded_script()));

    const std::string still = body(get("/network?still=1"));
    EXPECT_THAT(still, Not(HasSubstr("<script")));
    EXPECT_THAT(still, Not(HasSubstr("refresh")));
    EXPECT_THAT(header(get("/network/blocks/1"), "content-security-policy"),
                Not(HasSubstr("script-src")));
}

TEST_F(NetworkTest, the_page_says_why_there_is_no_agreement_and_shows_evidence) {
    network.why_not_ready = "in touch with 1 of 4 validators, and 3 are needed";
    codec::EvidenceRecord record;
    record.validator = chain::key_of(1).public_key();
    record.seen_ms = chain.tip().header.time_ms;
    record.evidence.first.subject =
        consensus::Subject::notarize({{ledger::Epoch(0), ledger::View(77)}, ledger::View(3), {}});
    record.evidence.second = record.evidence.first;
    network.kept = {record};
    const std::string html = body(get("/network"));
    EXPECT_THAT(html, HasSubstr("not agreeing"));
    EXPECT_THAT(html, HasSubstr("in touch with 1 of 4"));
    EXPECT_THAT(html, HasSubstr("notarized two blocks in view 77 of epoch 0"));
    EXPECT_THAT(html, HasSubstr(record.validator.hex()));
}

TEST_F(NetworkTest, other_pages_lead_to_it_where_there_is_one) {
    EXPECT_THAT(body(get("/")), HasSubstr("<a href=\"/network\">Network</a>"));
    Request request;
    request.method = "GET";
    request.path = "/network";
    EXPECT_EQ(pages.respond(request, Viewer::anonymous(), site)->status, 404);
    request.path = "/";
    EXPECT_THAT(body(*pages.respond(request, Viewer::anonymous(), site)),
                Not(HasSubstr("/network")));
}

TEST_F(NetworkTest, json_tells_the_same) {
    chain.run_one(forge::ChangeValidators{std::nullopt,
                                          forge::Validator{chain::key_of(7).public_key(), "7"}});
    JsonWriter status;
    write_consensus(status, *network.status());
    const std::string consensus = status.take();
    for (const char* part : {"\"height\":3", "\"epoch\":0", "\"quorum\":1", "\"validator_count\":2",
                             "\"last_finalization_ms\":null", "\"ready\":true"}) {
        EXPECT_THAT(consensus, HasSubstr(part));
    }
    JsonWriter block;
    write_block(block, *view_block(chain.reader(), Viewer::anonymous(), ledger::Height(3)));
    const std::string text = block.take();
    for (const char* part : {"\"ends_epoch\":true", "\"kind\":\"change_validators\"",
                             "\"name\":\"v1\"", "\"author_id\":1"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
    JsonWriter genesis;
    write_block(genesis, *view_block(chain.reader(), Viewer::anonymous(), ledger::Height(0)));
    EXPECT_THAT(genesis.take(), HasSubstr("\"finalization\":null"));
}

}  // namespace
}  // namespace ashlar::api
