// Writes the name of a file above each block that is one: the word behind the language of its fence.
// Here because the pages say by that name which command reads the block, and the theme drops it.
for (const code of document.querySelectorAll("pre > code")) {
  const name = [...code.classList].find((c) => c.includes(".") && !c.startsWith("language-"));
  if (name) {
    const line = document.createElement("div");
    line.className = "file-name";
    line.textContent = name;
    code.parentElement.before(line);
  }
}
