// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

// Bytes in a heap block of exactly their size and without a NUL, so that a read behind the end is
// seen by the sanitizers and valgrind.
class Block
{
public:
  explicit Block (const std::string &text) : bytes_ (text.begin (), text.end ())
  {
    bytes_.shrink_to_fit ();
  }

  const char *data () const
  {
    return bytes_.data ();
  }
  size_t size () const
  {
    return bytes_.size ();
  }

private:
  std::vector<char> bytes_;
};
