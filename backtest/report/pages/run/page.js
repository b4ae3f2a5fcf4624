// The page of one run.

drawPaths();
drawHistory();
drawOutcomes();
drawRules();
drawExpected();
drawEquity();
drawAssets();
followPage();
