// What a validator may be called and where it may be reached.
#pragma once

#include "base/expected.h"
#include "forge/records.h"

namespace ashlar::forge {

// As many as consensus counts.
inline constexpr std::size_t kValidatorsMax = 256;
inline constexpr std::size_t kValidatorNameLengthMax = 64;
inline constexpr std::size_t kValidatorAddressLengthMax = 260;

// Name and address: a short text, and "host:port" or nothing. Fails with `invalid`, saying why.
Expected<void> check_validator(const Validator& validator);

// Whether both sets have the same keys, whatever their names.
bool have_same_keys(const ValidatorSet& left, const ValidatorSet& right);

}  // namespace ashlar::forge
