import { assert, assertEquals } from "@std/assert";
import { checkClassifier } from "./classifier_space.ts";
import { checkOrphans } from "./orphan_space.ts";

const IS_FULL = true;

Deno.test("no daemon that fails an identity fact is ended unasked", () => {
  const { faults, witnesses, unasked } = checkClassifier(!IS_FULL);
  assertEquals(faults, []);
  assertEquals(
    [...witnesses.keys()].toSorted(),
    [
      "1 never_touch out_of_range none",
      "1a never_touch dashboard_family none",
      "2a never_touch third_party none",
      "2b never_touch not_spec_kitty none",
      "2c never_touch third_party none",
      "3 never_touch is_recorded_singleton cmdline_marker",
      "3 never_touch is_recorded_singleton none",
      "4 operator_required missing_pid none",
      "5 operator_required pre_marker none",
      "6 operator_required cross_root cmdline_marker",
      "7 operator_required unresponsive cmdline_marker",
      "8 operator_required pid_port_mismatch health_self_report",
      "8a operator_required pid_port_mismatch health_self_report",
      "9 safe_auto - health_self_report",
    ],
  );
  assert(unasked > 0);
});

Deno.test("no left-over process that fails an identity fact is ended unasked", () => {
  const { combinations, faults, witnesses, unasked } = checkOrphans();
  assertEquals(faults, []);
  assertEquals(combinations, 2 * 3 * 2 * 3 * 4 * 6 * 2 ** 5);
  assertEquals([witnesses.size, unasked], [16, 32]);
});
