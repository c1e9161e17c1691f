/* The editor of drafts: the question that a new section comes with is open, as there is nothing to see of it yet. */
(function () {
  "use strict";

  var Wagtail = window.wagtailStreamField.blocks.StructBlockDefinition;

  class SectionBlockDefinition extends Wagtail {
    render(placeholder, prefix, state, error, path) {
      var section = super.render(placeholder, prefix, state, error, path);
      section.childBlocks.questions.children.forEach(function (question) {
        var isClosed = question.toggleElement.getAttribute("aria-expanded") === "false";
        if (isClosed && !question.block.getState().code) {
          question.toggleElement.click();
        }
      });
      return section;
    }
  }

  window.telepath.register("questionnaires.blocks.SectionBlock", SectionBlockDefinition);
})();
