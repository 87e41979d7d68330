# SPDX-License-Identifier: Apache-2.0
# An entry of CTest is what its name says. The environment of CTest's caller may be meant for other programs, and neither filters,
# shards, shuffles, repeats nor lists what an entry runs: each entry unsets these variables of GoogleTest and of Bazel.
set(GTESTNET_SELECTION_VARIABLES
    GTEST_ALSO_RUN_DISABLED_TESTS GTEST_FAIL_FAST GTEST_FILTER GTEST_FLAGFILE GTEST_LIST_TESTS
    GTEST_RECREATE_ENVIRONMENTS_WHEN_REPEATING GTEST_REPEAT GTEST_SHARD_INDEX GTEST_SHARD_STATUS_FILE GTEST_SHUFFLE
    GTEST_TOTAL_SHARDS TESTBRIDGE_TEST_ONLY TESTBRIDGE_TEST_RUNNER_FAIL_FAST)

# As a value of the property ENVIRONMENT_MODIFICATION.
list(TRANSFORM GTESTNET_SELECTION_VARIABLES APPEND "=unset:" OUTPUT_VARIABLE GTESTNET_WITHOUT_SELECTION)
