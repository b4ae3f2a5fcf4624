"""What a finding depends on: how events are counted and compared, single events, parts of the sample, neighbours."""
