Feature: Evaluation through the provider

  Background:
    Given a stable provider

  Scenario: Gives the payload and not the default
    When a boolean flag with key "boolean-flag" is evaluated with default value "false"
    Then the resolved boolean value should be "true"

  Scenario: Says which variant and why
    When an integer flag with key "integer-flag" is evaluated with details and default value 7
    Then the resolved integer details value should be 10, the variant should be "ten", and the reason should be "STATIC"

  Scenario: Takes a whole number for a float
    When a float flag with key "integer-flag" is evaluated with default value 0.5
    Then the resolved float value should be 10.0

  Scenario: Gives an object
    When an object flag with key "object-flag" is evaluated with details and a null default value
    Then the resolved object details value should be contain fields "showImages" and "imagesPerPage", with values "true" and 100, respectively
    And the variant should be "template", and the reason should be "STATIC"

  Scenario: Looks at the context
    When context contains keys "fn", "ln", "age", "customer" with values "Sulisław", "Świętopełk", 30, "false"
    And a flag with key "context-aware" is evaluated with default value "INTERNAL"
    Then the resolved string response should be "EXTERNAL"
    And the resolved flag value is "EXTERNAL" when the context is empty

  Scenario: Knows what it does not know
    When a non-existent string flag with key "string-flg" is evaluated with details and a fallback value "bye"
    Then the default string value should be returned
    And the reason should indicate an error and the error code should indicate a missing flag with "FLAG_NOT_FOUND"

  Scenario: Does not turn text into a number
    When a string flag with key "string-flag" is evaluated as an integer, with details and a fallback value 3
    Then the default integer value should be returned
    And the reason should indicate an error and the error code should indicate a type mismatch with "TYPE_MISMATCH"
