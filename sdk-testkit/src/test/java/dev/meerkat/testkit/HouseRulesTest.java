package dev.meerkat.testkit;

import dev.meerkat.rules.HouseRules;

class HouseRulesTest extends HouseRules {}
