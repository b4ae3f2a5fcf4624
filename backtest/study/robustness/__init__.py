"""What a finding depends on: counting rules, neighbours, single events, parts of the sample, what it is compared with."""
