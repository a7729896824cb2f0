// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <string>

extern "C"
{
#include "protocol/error.h"
}

// A GError that frees itself and prints itself when an expectation fails:
//   Error error; EXPECT_FALSE (bfy_name_check ("a b", error.out ()));
//   EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
class Error
{
public:
  Error () = default;
  Error (const Error &) = delete;
  Error &operator= (const Error &) = delete;
  ~Error ()
  {
    g_clear_error (&error_);
  }

  GError **out ()
  {
    g_clear_error (&error_);
    return &error_;
  }
  const GError *get () const
  {
    return error_;
  }
  std::string message () const
  {
    return error_ != nullptr ? error_->message : "";
  }

private:
  GError *error_ = nullptr;

  friend std::ostream &operator<< (std::ostream &out, const Error &error)
  {
    if (error.error_ == nullptr)
      return out << "no error";
    return out << g_quark_to_string (error.error_->domain) << ": "
               << (error.error_->domain == BFY_ERROR
                       ? bfy_error_to_wire (static_cast<BfyErrorCode> (error.error_->code))
                       : std::to_string (error.error_->code))
               << ": " << error.error_->message;
  }
};

MATCHER (Succeeds, "no error is set")
{
  return arg.get () == nullptr;
}

MATCHER_P (FailsWith, code, std::string ("is the error ") + bfy_error_to_wire (code))
{
  return arg.get () != nullptr && arg.get ()->domain == BFY_ERROR && arg.get ()->code == code;
}

// Text from a C function that must be freed with g_free().
inline std::string
take_text (char *text)
{
  std::string copy = text != nullptr ? text : "(null)";

  g_free (text);
  return copy;
}

// Prints a row of a table test by its name; googletest would print its bytes, padding included.
template <typename Case>
auto
operator<< (std::ostream &out, const Case &row)
    -> decltype (out << static_cast<const char *> (row.name))
{
  return out << row.name;
}

// Names a row of a table test: INSTANTIATE_TEST_SUITE_P (…, case_name<HostCase>).
template <typename Case>
std::string
case_name (const testing::TestParamInfo<Case> &info)
{
  return info.param.name;
}
