// The page of one run.

drawPaths();
drawHistory();
drawOutcomes();
drawEquity();
followPage();
