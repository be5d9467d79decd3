-- The language server of netc, for Neovim 0.11 and later: `vim.lsp.enable('netc')`.
-- Where netc is in the node_modules of a project and not on the PATH:
--   vim.lsp.config('netc', { cmd = { 'npx', '--no-install', 'netc', 'lsp', '--stdio' } })
return {
  cmd = { 'netc', 'lsp', '--stdio' },
  filetypes = { 'netc' },
  root_markers = { 'package.json', '.git' },
}
