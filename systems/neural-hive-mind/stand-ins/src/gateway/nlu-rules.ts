/**
 * The rule tables of the stand-in's language understanding. The real ones (GW/config/nlu_rules.yaml) are not
 * copied; these have the same form, cover Portuguese and English, and score the documented probe texts as
 * documented.
 */
export type NluDomain = 'BUSINESS' | 'TECHNICAL' | 'SECURITY' | 'INFRASTRUCTURE';

export interface DomainRules {
  readonly domain: NluDomain;
  /** Whole tokens in lower case. */
  readonly keywords: ReadonlySet<string>;
  /** On the text in lower case. */
  readonly patterns: readonly RegExp[];
  readonly subcategories: Readonly<Record<string, ReadonlySet<string>>>;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

/** In order of precedence when two domains score alike. */
export const DOMAIN_RULES: readonly DomainRules[] = [
  {
    domain: 'BUSINESS',
    keywords:
      words(`negócio negócios negocio vendas venda cliente clientes receita faturamento relatório relatórios
      relatorio mercado contrato contratos fornecedor fornecedores pagamento pagamentos pedido pedidos fatura faturas
      orçamento lucro margem campanha estoque preço preços comercial financeiro kpi kpis previsão demanda marketing
      business sales customer customers revenue invoice order orders report market payment budget forecast`),
    patterns: [
      /(gerar|criar|emitir|preparar|enviar|consolidar|atualizar) (o |a |um |uma |os |as )?(relatório|proposta|fatura|pedido|orçamento)/,
      /(analisar|calcular|prever|reduzir|otimizar|aumentar) (o |a |os |as )?(vendas|venda|receita|margem|custo|custos|demanda|faturamento)/,
      /(generate|create|prepare) (a |an |the )?(sales|revenue|business) report/,
    ],
    subcategories: {
      reporting: words('painel dashboard indicador indicadores mensal trimestral semanal consolidado'),
      process: words('processo processos fluxo aprovação workflow automatizar etapa'),
      cost: words('custo custos despesa despesas desconto economia cost'),
      forecasting: words('prever tendência sazonalidade trimestre projeção'),
    },
  },
  {
    domain: 'TECHNICAL',
    keywords:
      words(`api apis código codigo sistema sistemas software bug bugs deploy implementar refatorar endpoint
      endpoints teste testes integração microserviço microserviços biblioteca banco dados algoritmo framework frontend
      backend migrar migração serviço serviços versão code system database service test tests library module`),
    patterns: [
      /(implementar|desenvolver|refatorar|criar|corrigir|migrar|integrar) (o |a |um |uma |os |as )?(api|código|endpoint|serviço|módulo|microserviço|integração|banco|testes?|bug)/,
      /(implement|develop|refactor|fix|migrate) (a |an |the )?(api|code|service|module|bug|endpoint)/,
    ],
    subcategories: {
      bug: words('erro erros falha falhas problema problem error failure exceção defeito'),
      performance: words('lento lenta desempenho latência performance otimizar cache'),
      development: words('funcionalidade feature desenvolvimento revisão pull branch commit'),
      testing: words('cobertura unitários regressão automatizados mock'),
    },
  },
  {
    domain: 'SECURITY',
    keywords: words(`segurança seguranca autenticação autorização senha senhas criptografia vulnerabilidade
      vulnerabilidades token tokens oauth2 oauth permissão permissões acesso acessos auditoria certificado certificados
      firewall ameaça ameaças incidente lgpd security authentication password encryption vulnerability access`),
    patterns: [
      /(implementar|configurar|revisar|habilitar|reforçar) (o |a |os |as )?(autenticação|autorização|criptografia|segurança|permissões|acessos|firewall)/,
      /(rotacionar|renovar|revogar|trocar) (o |a |os |as )?(senhas?|certificados?|tokens?|chaves?|credenciais)/,
      /(enable|configure|review) (the )?(authentication|encryption|security)/,
    ],
    subcategories: {
      authentication: words('login mfa sso jwt identidade credenciais usuário'),
      protection: words('bloquear ataque ataques proteção intrusão suspeito suspeitos'),
      compliance: words('conformidade política políticas norma privacidade'),
    },
  },
  {
    domain: 'INFRASTRUCTURE',
    keywords:
      words(`infraestrutura servidor servidores cluster clusters kubernetes docker nuvem rede redes armazenamento
      backup backups monitoramento balanceador container containers nó nós provisionar disco memória terraform
      infrastructure server servers cloud network storage monitoring node nodes capacity capacidade`),
    patterns: [
      /(provisionar|escalar|configurar|atualizar|monitorar|reiniciar|ampliar) (o |a |um |uma |os |as )?(cluster|servidor|servidores|rede|infraestrutura|kubernetes|nuvem|nós|balanceador|armazenamento)/,
      /(provision|scale|configure) (a |an |the )?(cluster|server|network|storage)/,
    ],
    subcategories: {
      scaling: words('escalar réplicas autoscaling elasticidade pico'),
      operations: words('alertas alerta disponibilidade recuperação restaurar failover'),
      networking: words('dns tráfego gateway proxy subrede porta'),
    },
  },
];

/**
 * A small gazetteer in place of spaCy's entities. ORG and PRODUCT count for BUSINESS, MISC and EVENT for
 * TECHNICAL.
 */
export const ENTITIES: readonly {
  readonly label: 'ORG' | 'PRODUCT' | 'MISC' | 'EVENT';
  readonly text: RegExp;
}[] = [
  { label: 'ORG', text: /\b(Petrobras|Itaú|Bradesco|Embraer|Natura|Ambev|Magalu)\b/g },
  { label: 'PRODUCT', text: /\b(Salesforce|SAP|Power BI|Excel|Totvs|Shopify)\b/g },
  { label: 'MISC', text: /\b(Python|Java|TypeScript|Kafka|Redis|PostgreSQL|MongoDB)\b/g },
  { label: 'EVENT', text: /\b(Black Friday|Carnaval|Natal|Páscoa)\b/g },
];
