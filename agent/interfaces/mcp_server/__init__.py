"""The MCP door: tools, resources and prompts for assistants, over stdio or any other transport of the SDK."""
