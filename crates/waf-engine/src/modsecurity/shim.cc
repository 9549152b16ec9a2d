// The library's C interface has no way to set variables of a transaction, to read scores or to get what fired in fields,
// and lets C++ exceptions out. This shim does the former and keeps the latter in. Functions return -1 for "failed".
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rule_with_actions.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

namespace {

struct Fired {
    int id, phase, severity, disruptive;
    std::string message, matched, tags;
};

// The rules that a tag stands for; `exact` is false where naming them by number would not mean the same.
struct Tagged {
    std::vector<int> rules;
    bool exact = true;
};

struct Engine {
    modsecurity::ModSecurity library;
    modsecurity::RulesSet rules;
    std::mutex tags_lock;
    std::map<std::string, Tagged> tags;
    // Numbers of transactions: a beginning that nobody knows, and a count.
    std::string name = std::to_string(std::random_device{}()) + std::to_string(std::random_device{}());
    std::atomic<uint64_t> count{0};
};

struct Work {
    Engine *engine = nullptr;
    std::unique_ptr<modsecurity::Transaction> transaction;
    std::vector<Fired> fired;
    size_t more = 0;
};

constexpr size_t MATCHES = 200;

// Tags remembered. They come from rules, not from requests; more than a rule set has are not asked for.
constexpr size_t TAGS = 10000;

// What fired is read from the transaction afterwards: this callback is not told of rules that interrupt. Without one, the library writes
// to standard error.
void on_rule(void *, const void *) {}

void copy_error(const std::string &text, char *error, size_t length) {
    if (error == nullptr || length == 0) return;
    size_t n = text.size() < length - 1 ? text.size() : length - 1;
    std::memcpy(error, text.data(), n);
    error[n] = 0;
}

// 0: go on; 200 and above: a rule wants to end the transaction with this status.
int interruption(Work *work) {
    modsecurity::ModSecurityIntervention it;
    it.status = 200; it.pause = 0; it.url = nullptr; it.log = nullptr; it.disruptive = 0;
    int wanted = work->transaction->intervention(&it) ? 1 : 0;
    std::free(it.url);
    std::free(it.log);
    if (wanted == 0) return 0;
    return it.status < 200 || it.status > 599 ? 403 : it.status;
}

// A chained rule has no number of its own: where one carries the tag, only the tag means it.
Tagged tagged(Engine *engine, const std::string &tag) {
    Tagged found;
    for (int phase = 0; phase < modsecurity::Phases::NUMBER_OF_PHASES; phase++) {
        modsecurity::Rules *rules = engine->rules.m_rulesSetPhases[phase];
        for (size_t at = 0; at < rules->size(); at++) {
            auto *rule = dynamic_cast<modsecurity::RuleWithActions *>(rules->at(at).get());
            if (rule == nullptr) continue;
            if (rule->containsTag(tag, nullptr)) found.rules.push_back(static_cast<int>(rule->m_ruleId));
            for (auto *next = rule->m_chainedRuleChild.get(); next != nullptr; next = next->m_chainedRuleChild.get()) {
                if (next->containsTag(tag, nullptr)) found.exact = false;
            }
        }
    }
    return found;
}

// `ctl:ruleRemoveTargetByTag` makes the library write out every tag of every rule for every variable and value that follows. What
// the tag stands for does not change while the rules live, so between phases it is put as the numbers of the rules instead.
void settle(Work *work) {
    auto &by_tag = work->transaction->m_ruleRemoveTargetByTag;
    if (by_tag.empty()) return;
    std::lock_guard<std::mutex> guard(work->engine->tags_lock);
    auto &known = work->engine->tags;
    for (auto it = by_tag.begin(); it != by_tag.end();) {
        auto found = known.find(it->first);
        if (found == known.end() && known.size() < TAGS) found = known.emplace(it->first, tagged(work->engine, it->first)).first;
        if (found == known.end() || !found->second.exact) { ++it; continue; }
        for (int rule : found->second.rules) work->transaction->m_ruleRemoveTargetById.emplace_back(rule, it->second);
        it = by_tag.erase(it);
    }
}

std::string text_of(const char *bytes, size_t length) { return std::string(bytes, length); }

const unsigned char *raw(const char *bytes) { return reinterpret_cast<const unsigned char *>(bytes); }

}  // namespace

extern "C" {

// Built against this version of the headers; the classes have no stable layout, so the library must be the same.
int bw_same_version() {
    try {
        modsecurity::ModSecurity library;
        return library.whoAmI().find("v" MODSECURITY_MAJOR "." MODSECURITY_MINOR "." MODSECURITY_PATCHLEVEL) != std::string::npos ? 1 : 0;
    } catch (...) { return -1; }
}

Engine *bw_engine_new() {
    try {
        auto engine = std::make_unique<Engine>();
        engine->library.setConnectorInformation("bedrail-waf-engine");
        engine->library.setServerLogCb(on_rule, modsecurity::RuleMessageLogProperty);
        return engine.release();
    } catch (...) { return nullptr; }
}

void bw_engine_free(Engine *engine) { delete engine; }

void bw_engine_name(Engine *engine, char *name, size_t length) {
    try { copy_error(engine->library.whoAmI(), name, length); } catch (...) { copy_error("", name, length); }
}

int bw_load_file(Engine *engine, const char *path, char *error, size_t length) {
    try {
        int rules = engine->rules.loadFromUri(path);
        if (rules < 0) copy_error(engine->rules.getParserError(), error, length);
        return rules;
    } catch (const std::exception &it) { copy_error(it.what(), error, length); return -1; }
    catch (...) { copy_error("unknown exception", error, length); return -1; }
}

int bw_load_text(Engine *engine, const char *text, const char *name, char *error, size_t length) {
    try {
        int rules = engine->rules.load(text, name);
        if (rules < 0) copy_error(engine->rules.getParserError(), error, length);
        return rules;
    } catch (const std::exception &it) { copy_error(it.what(), error, length); return -1; }
    catch (...) { copy_error("unknown exception", error, length); return -1; }
}

Work *bw_work_new(Engine *engine) {
    try {
        auto work = std::make_unique<Work>();
        work->engine = engine;
        std::string number = engine->name + std::to_string(engine->count.fetch_add(1, std::memory_order_relaxed));
        work->transaction = std::make_unique<modsecurity::Transaction>(&engine->library, &engine->rules, number.data(), nullptr);
        return work.release();
    } catch (...) { return nullptr; }
}

void bw_work_free(Work *work) {
    try { delete work; } catch (...) { }
}

int bw_set(Work *work, const char *name, size_t name_length, const char *value, size_t value_length) {
    try {
        work->transaction->m_collections.m_tx_collection->storeOrUpdateFirst(text_of(name, name_length), text_of(value, value_length));
        return 0;
    } catch (...) { return -1; }
}

int64_t bw_number(Work *work, const char *name, size_t length) {
    try {
        auto value = work->transaction->m_collections.m_tx_collection->resolveFirst(text_of(name, length));
        return value == nullptr ? 0 : std::strtoll(value->c_str(), nullptr, 10);
    } catch (...) { return -1; }
}

int bw_connection(Work *work, const char *client, int client_port, const char *server, int server_port) {
    try {
        work->transaction->processConnection(client, client_port, server, server_port);
        return interruption(work);
    } catch (...) { return -1; }
}

int bw_line(Work *work, const char *target, const char *method, const char *version) {
    try {
        work->transaction->processURI(target, method, version);
        return interruption(work);
    } catch (...) { return -1; }
}

int bw_request_header(Work *work, const char *name, size_t name_length, const char *value, size_t value_length) {
    try {
        work->transaction->addRequestHeader(raw(name), name_length, raw(value), value_length);
        return 0;
    } catch (...) { return -1; }
}

int bw_request_head(Work *work) {
    try {
        work->transaction->processRequestHeaders();
        return interruption(work);
    } catch (...) { return -1; }
}

int bw_request_body(Work *work, const char *body, size_t length) {
    try {
        settle(work);
        if (length > 0) {
            work->transaction->appendRequestBody(raw(body), length);
            int wanted = interruption(work);
            if (wanted != 0) return wanted;
        }
        work->transaction->processRequestBody();
        return interruption(work);
    } catch (...) { return -1; }
}

int bw_answer_header(Work *work, const char *name, size_t name_length, const char *value, size_t value_length) {
    try {
        work->transaction->addResponseHeader(raw(name), name_length, raw(value), value_length);
        return 0;
    } catch (...) { return -1; }
}

int bw_answer_head(Work *work, int status, const char *protocol) {
    try {
        settle(work);
        work->transaction->processResponseHeaders(status, protocol);
        return interruption(work);
    } catch (...) { return -1; }
}

int bw_answer_body(Work *work, const char *body, size_t length) {
    try {
        settle(work);
        if (length > 0) {
            work->transaction->appendResponseBody(raw(body), length);
            int wanted = interruption(work);
            if (wanted != 0) return wanted;
        }
        work->transaction->processResponseBody();
        return interruption(work);
    } catch (...) { return -1; }
}

int bw_logging(Work *work) {
    try {
        work->transaction->processLogging();
        (void)interruption(work);
        return 0;
    } catch (...) { return -1; }
}

// Gather what fired so far.
int64_t bw_fired(Work *work) {
    try {
        work->fired.clear();
        work->more = 0;
        for (const auto &rule : work->transaction->m_rulesMessages) {
            if (work->fired.size() >= MATCHES) { work->more++; continue; }
            Fired fired{rule.m_ruleId, rule.m_phase, rule.m_severity, rule.m_isDisruptive ? 1 : 0, rule.m_message, rule.m_match, {}};
            for (const auto &tag : rule.m_tags) {
                fired.tags += tag;
                fired.tags += '\n';
            }
            work->fired.push_back(std::move(fired));
        }
        return static_cast<int64_t>(work->fired.size());
    } catch (...) { return -1; }
}

// Fired beyond those that `bw_fired` gathered.
size_t bw_more(const Work *work) { return work->more; }

struct View {
    int id, phase, severity, disruptive;
    const char *message; size_t message_length;
    const char *matched; size_t matched_length;
    const char *tags; size_t tags_length;
};

// The view's texts live until the next `bw_fired`.
int bw_fired_at(const Work *work, size_t at, View *view) {
    if (at >= work->fired.size()) return -1;
    const Fired &it = work->fired[at];
    *view = View{it.id, it.phase, it.severity, it.disruptive, it.message.data(), it.message.size(), it.matched.data(), it.matched.size(), it.tags.data(), it.tags.size()};
    return 0;
}

}  // extern "C"
