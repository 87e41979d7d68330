// SPDX-License-Identifier: Apache-2.0
#ifndef GTESTNET_CORE_SRC_BASE_FIRST_PROCESS_H_
#define GTESTNET_CORE_SRC_BASE_FIRST_PROCESS_H_

namespace gtestnet::base {

// In a container's first process: goes on in a child, and stays behind only to hand every signal on
// to it, to collect what others leave, and to end as it ends, with status 128 + n after signal n.
// For a first process the kernel has no defaults: one that aborts gets no SIGABRT, and ends by the
// trap behind it, as SIGSEGV; one without a handler gets no SIGTERM. Elsewhere it does nothing.
// To be called before there are threads.
void LeaveFirstProcess();

// The same wherever it is called. The parent never returns.
void GoOnInChild();

}  // namespace gtestnet::base

#endif  // GTESTNET_CORE_SRC_BASE_FIRST_PROCESS_H_
