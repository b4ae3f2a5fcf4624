"""How a finding depends on the choices behind it: counting rules, neighbouring conditions."""
