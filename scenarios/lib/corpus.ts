/**
 * The users' texts, in pt-BR: templates with slots for the four domains that the platform's rules can return.
 * Each text has at least two words and words of its domain (docs/systems/neural-hive-mind.md, "One
 * intention"), so that it is classified with confidence ≥ 0.5 and answered `processed`.
 */
import type { Chooser } from '../gauntlet.ts';

export type Domain = 'BUSINESS' | 'TECHNICAL' | 'SECURITY' | 'INFRASTRUCTURE';

const PERIODS = ['deste mês', 'do último trimestre', 'da semana passada', 'do primeiro semestre', 'de hoje'];
const REGIONS = [
  'da região sul',
  'da região nordeste',
  'de São Paulo',
  'de todas as filiais',
  'do Rio de Janeiro',
];
const MODULES = ['de pedidos', 'de cobrança', 'de catálogo', 'de entregas', 'de cadastro'];
const REASONS = [
  'antes da próxima reunião',
  'porque a diretoria pediu',
  'ainda esta semana',
  'com prioridade para o time',
  'sem interromper a operação',
];

const TEMPLATES: Readonly<Record<Domain, readonly string[]>> = {
  BUSINESS: [
    'Preciso gerar relatório de vendas {region} {period}',
    'Quero analisar vendas e margem por cliente {period}',
    'É hora de reduzir custos com fornecedores {region} {reason}',
    'Vamos criar proposta comercial para o cliente {region} {reason}',
    'Preciso prever demanda e receita {region} {reason}',
    'Quero atualizar orçamento de marketing {period} {reason}',
    'Preciso emitir fatura dos pedidos {period} para o financeiro',
    'Quero calcular receita e lucro dos contratos {period}',
  ],
  TECHNICAL: [
    'Precisamos implementar API do sistema {module} {reason}',
    'É preciso corrigir bug no código do serviço {module}',
    'Vamos refatorar código do microserviço {module} {reason}',
    'Quero criar testes de integração para a API {module}',
    'Precisamos migrar banco de dados do sistema {module} {reason}',
    'Vamos desenvolver endpoint de consulta na API {module}',
    'É preciso integrar serviço {module} com o sistema legado',
  ],
  SECURITY: [
    'Precisamos implementar autenticação com token no acesso {module}',
    'É preciso revisar permissões de acesso dos usuários {region}',
    'Vamos rotacionar senhas e certificados do serviço {module}',
    'Quero habilitar criptografia nos dados {module} por segurança',
    'Precisamos revogar tokens de acesso suspeitos {period}',
    'É preciso configurar firewall contra ameaças {region}',
  ],
  INFRASTRUCTURE: [
    'Precisamos escalar cluster kubernetes para o pico {region}',
    'É preciso provisionar servidor de backup na nuvem {reason}',
    'Vamos configurar balanceador da rede interna {region}',
    'Quero monitorar infraestrutura e capacidade dos servidores {period}',
    'Precisamos ampliar armazenamento do cluster {reason}',
    'É preciso reiniciar servidores de monitoramento {reason}',
  ],
};

const DOMAINS = Object.keys(TEMPLATES) as Domain[];

export function textOf(choose: Chooser): string {
  const template = choose.pick(TEMPLATES[choose.pick(DOMAINS)]);
  return template
    .replace('{period}', choose.pick(PERIODS))
    .replace('{region}', choose.pick(REGIONS))
    .replace('{module}', choose.pick(MODULES))
    .replace('{reason}', choose.pick(REASONS));
}
