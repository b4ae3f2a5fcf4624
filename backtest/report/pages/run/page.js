// The page of one run.

drawPaths();
drawHistory();
drawOutcomes();
drawRules();
drawExpected();
drawEquity();
if (page.assets) drawAssets();
followPage();
