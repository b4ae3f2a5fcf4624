// The page of one run.

drawPaths();
drawHistory();
drawOutcomes();
drawRules();
drawFirm();
drawExpected();
drawEquity();
if (page.assets) drawAssets();
followPage();
