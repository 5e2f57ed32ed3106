"""The rules, one file each; `dedupe.rule.all_rules` finds them by walking this folder."""
