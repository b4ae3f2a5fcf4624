// The page of one run.

drawPaths();
drawHistory();
drawOutcomes();
drawRules();
drawEquity();
followPage();
