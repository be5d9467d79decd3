-- The language server of netc for Neovim 0.7 to 0.10, which have no vim.lsp.enable: `require('netc').setup()`.
local M = {}

local function root_of(path)
  local folder = vim.fn.fnamemodify(path, ':p:h')
  for _, marker in ipairs({ 'package.json', '.git' }) do
    local found = vim.fn.findfile(marker, folder .. ';')
    if found == '' then
      found = vim.fn.finddir(marker, folder .. ';')
    end
    if found ~= '' then
      return vim.fn.fnamemodify(found, ':p:s?/$??:h')
    end
  end
  return folder
end

--- Starts one server for each project and attaches the buffers of its sources.
--- @param options table|nil whatever vim.lsp.start_client takes, such as `cmd` or `on_attach`
function M.setup(options)
  local clients = {}
  vim.api.nvim_create_autocmd('FileType', {
    pattern = 'netc',
    callback = function(event)
      local root = root_of(vim.api.nvim_buf_get_name(event.buf))
      local running = clients[root] and vim.lsp.get_client_by_id(clients[root])
      if not running then
        clients[root] = vim.lsp.start_client(vim.tbl_extend('force', {
          name = 'netc',
          cmd = { 'netc', 'lsp', '--stdio' },
          root_dir = root,
        }, options or {}))
      end
      if clients[root] then
        vim.lsp.buf_attach_client(event.buf, clients[root])
      end
    end,
  })
end

return M
