#include "git/pack/pack_plan.h"

#include <algorithm>

namespace ashlar::git {
namespace {

constexpr std::size_t kReportEvery = 1024;

// From where an object lies to its number in the plan.
struct Place {
    std::uint64_t key;
    std::uint32_t number;
};

std::uint64_t key_of(PackLocation location) {
    return (std::uint64_t{location.pack} << 32) | location.position;
}

std::uint32_t find_number(const std::vector<Place>& places, PackLocation location) {
    auto found =
        std::lower_bound(places.begin(), places.end(), key_of(location),
                         [](const Place& place, std::uint64_t key) { return place.key < key; });
    return found != places.end() && found->key == key_of(location) ? found->number : kNoBase;
}

Expected<std::vector<Place>> locate(const PackCatalog& catalog, const std::vector<ObjectId>& ids,
                                    std::vector<PackPlan::Entry>& entries) {
    std::vector<Place> places;
    places.reserve(ids.size());
    entries.resize(ids.size());
    for (std::uint32_t number = 0; number < ids.size(); ++number) {
        ASHLAR_TRY(std::optional<PackLocation> location, catalog.find(ids[number]));
        if (!location) return fail(ErrorCode::not_found, "object " + ids[number].hex());
        entries[number].location = *location;
        places.push_back({key_of(*location), number});
    }
    std::sort(places.begin(), places.end(), [](const Place& left, const Place& right) {
        return left.key != right.key ? left.key < right.key : left.number < right.number;
    });
    for (std::size_t i = 1; i < places.size(); ++i) {
        if (places[i].key == places[i - 1].key) {
            return fail(ErrorCode::invalid,
                        "object " + ids[places[i].number].hex() + " is named twice");
        }
    }
    return places;
}

// A base is found where the delta's pack has it, or in an earlier pack that has the same object:
// both are the same object, so a delta upon one is a delta upon the other.
Expected<std::uint32_t> find_base(const PackCatalog& catalog, const std::vector<Place>& places,
                                  PackLocation base) {
    std::uint32_t number = find_number(places, base);
    if (number != kNoBase || base.pack == 0) return number;
    ASHLAR_TRY(ObjectId id, catalog.id_at(base));
    ASHLAR_TRY(std::optional<PackLocation> first, catalog.find(id));
    return first ? find_number(places, *first) : kNoBase;
}

Expected<void> choose_form(const PackCatalog& catalog, const std::vector<Place>& places,
                           const PackWriterOptions& options, PackPlan::Entry& planned) {
    ASHLAR_TRY(PackIndexEntry entry, catalog.entry_at(planned.location));
    if (!is_delta(entry.kind)) return {};
    PackLocation base{planned.location.pack, entry.base};
    ASHLAR_TRY(planned.base, find_base(catalog, places, base));
    if (planned.base != kNoBase) {
        planned.form =
            options.offset_deltas ? PackPlan::Form::offset_delta : PackPlan::Form::reference_delta;
        return {};
    }
    planned.form = PackPlan::Form::made_whole;
    if (!options.reader_has) return {};
    ASHLAR_TRY(ObjectId base_id, catalog.id_at(base));
    if (options.reader_has(base_id)) planned.form = PackPlan::Form::reference_delta;
    return {};
}

// Bases before deltas. Chains have an end: a base lies in the same pack or an earlier one, and
// within a pack an index has no circles.
std::vector<std::uint32_t> order_bases_first(const std::vector<PackPlan::Entry>& entries) {
    std::vector<std::uint32_t> order;
    order.reserve(entries.size());
    std::vector<bool> placed(entries.size());
    std::vector<std::uint32_t> chain;
    for (std::uint32_t start = 0; start < entries.size(); ++start) {
        for (std::uint32_t number = start; number != kNoBase && !placed[number];
             number = entries[number].base) {
            chain.push_back(number);
            placed[number] = true;
        }
        for (; !chain.empty(); chain.pop_back()) order.push_back(chain.back());
    }
    return order;
}

}  // namespace

Expected<PackPlan> make_pack_plan(const PackCatalog& catalog, const std::vector<ObjectId>& ids,
                                  const PackWriterOptions& options) {
    if (ids.size() > kIndexObjectCountMax) {
        return fail(ErrorCode::limit_exceeded, "more objects than a pack can hold");
    }
    std::vector<PackPlan::Entry> entries;
    ASHLAR_TRY(std::vector<Place> places, locate(catalog, ids, entries));
    for (std::size_t number = 0; number < entries.size(); ++number) {
        ASHLAR_CHECK(choose_form(catalog, places, options, entries[number]));
        if (options.progress && number % kReportEvery == 0) {
            options.progress(number, entries.size());
        }
    }
    std::vector<std::uint32_t> order = order_bases_first(entries);
    std::vector<std::uint32_t> new_number(entries.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) new_number[order[i]] = i;
    PackPlan plan;
    plan.entries.reserve(entries.size());
    for (std::uint32_t number : order) {
        PackPlan::Entry entry = entries[number];
        if (entry.base != kNoBase) entry.base = new_number[entry.base];
        plan.entries.push_back(entry);
    }
    return plan;
}

}  // namespace ashlar::git
