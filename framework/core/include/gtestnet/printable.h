// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_PRINTABLE_H_
#define GTESTNET_PRINTABLE_H_

#include <string>
#include <string_view>

namespace gtestnet {

// What came from a node or another program, as a person, a terminal or an XML file may have it:
//
//   Printable("\xff\xfe \x1b]0;title\x07")   // "\\xff\\xfe \\x1b]0;title\\x07"
//
// Well-formed UTF-8 stays, as do newlines and tabs. Bytes that are no UTF-8 and control characters
// become "\xff"; characters that XML does not have, or that turn the order of the text around,
// become "\u202e". Colours (escape sequences that end in 'm') and carriage returns before a newline
// are left out.
std::string Printable(std::string_view text);

}  // namespace gtestnet

#endif  // GTESTNET_PRINTABLE_H_
